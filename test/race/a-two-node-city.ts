/**
 * A demo city served by two processes on one database, both willing to sign. The test's own process drives them and serves nothing: its
 * service is there to open the city's doors only, so that what is measured and raced is between the two.
 */
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readCheckpointOf } from '../setup/a-log-reader.js';
import { aDemoCity, type DemoCity, optionsFor } from '../setup/demo-city.js';
import type { FreshCity } from '../setup/fresh-database.js';
import { HttpClient } from '../setup/http-client.js';
import { aNodeProcess, type NodeProcess } from '../setup/nodes.js';

export interface TwoNodeCity extends DemoCity {
  readonly http: HttpClient;
  readonly nodes: readonly [NodeProcess, NodeProcess];
  /** Base addresses of the nodes. */
  readonly bases: readonly [string, string];
}

/** @param prepare what has to be done to the databases before the nodes connect. */
export async function aTwoNodeCity(prepare?: (databases: FreshCity) => Promise<void>): Promise<TwoNodeCity> {
  const city = await aDemoCity({ runsSigner: false });
  await prepare?.(city.databases);
  const options = { ...optionsFor(city.databases, city.directories), publicUrl: city.service.publicUrl };
  const started = await Promise.allSettled([aNodeProcess(options), aNodeProcess(options)]);
  const nodes = started.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  const http = new HttpClient();
  const stop = async () => {
    http.close();
    await Promise.all(nodes.map((node) => node.stop()));
    await city.stop();
    await rm(dirname(city.directories.keysDirectory), { recursive: true, force: true });
  };
  const [first, second] = nodes;
  if (first === undefined || second === undefined) {
    await stop();
    throw new Error(started.flatMap((start) => (start.status === 'rejected' ? [String(start.reason)] : [])).join('; '));
  }
  await readCheckpointOf(first.base, city.demo.log);
  return { ...city, http, nodes: [first, second], bases: [first.base, second.base], stop };
}
