/**
 * What the README says of other servers: DATABASE_URL may name a PostgreSQL from 15 on, and a role there that is no superuser is enough. The whole
 * job, from a deposit to the verification of the log, over HTTP on such a server; a batch in which some may go and some may not; and a second start
 * on what the first has left.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readConfig } from '../../src/config.js';
import { asAdmin } from '../../src/database/migrate.js';
import { tour } from '../../src/demo/tour.js';
import { Progress } from '../../src/progress.js';
import { serve, type Served } from '../../src/serve.js';
import { appendText, versionsOf } from '../gate/gate-calls.js';
import { anOlderPostgres, findOlderPostgres, type OlderPostgres, olderVersions } from '../setup/an-older-postgres.js';
import { both, stopSoundly } from '../setup/check-log.js';
import { aTemporaryDirectory } from '../setup/leftovers.js';

describe.each(olderVersions)('PostgreSQL %d', (version) => {
  const bin = findOlderPostgres(version);
  const reason = bin === null ? ` (not run: no package of it for ${process.platform}-${process.arch})` : '';
  const there = bin === null ? test.skip : test;

  let server: OlderPostgres | undefined;
  let directory: string;
  let served: Served | undefined;

  beforeAll(async () => {
    if (bin === null) return;
    directory = await aTemporaryDirectory();
    await mkdir(join(directory, 'city'), { mode: 0o700 });
    server = await anOlderPostgres(bin);
  });
  afterAll(async () => {
    await both(
      async () => served && stopSoundly({ ...served, demo: served.demo! }),
      async () => server?.stop(),
    );
    if (bin !== null) await rm(directory, { recursive: true, force: true });
  });

  async function start(): Promise<Served> {
    const config = readConfig({
      ...{ DATABASE_URL: server!.databaseUrl, AZUKARI_DIRECTORY: join(directory, 'city'), PORT: '0' },
      ...{ AZUKARI_DEMO: '1', AZUKARI_DEMO_RESIDENTS: '10' },
    });
    served = await serve(config, new Progress({ write: () => undefined }));
    return served;
  }

  async function takeTour({ demo }: Served): Promise<string[]> {
    const results: string[] = [];
    await tour(demo!, ({ result }) => results.push(result));
    return results;
  }

  there(`the whole job is done by roles that are no superusers${reason}`, async () => {
    const results = await takeTour(await start());
    expect(results).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^\d+ records; receipt verified at index \d+$/),
        'withdrawn',
        'refused: consent-withdrawn',
        expect.stringMatching(/^\d+ entries, every hash recomputed, nothing missing$/),
      ]),
    );
    const { rows } = await asAdmin(server!.databaseUrl, (client) =>
      client.query<{ version: string; mighty: string[] }>(
        `SELECT current_setting('server_version_num')::integer / 10000 AS version, ARRAY(SELECT DISTINCT usename::text FROM pg_stat_activity
         JOIN pg_roles ON rolname = usename WHERE datname LIKE 'minatono%' AND rolsuper) AS mighty`,
      ),
    );
    expect(rows).toEqual([{ version, mighty: [] }]);
  });

  there(`in a batch each item gets the reason that is its own${reason}`, async () => {
    const { pool, city } = served!.service;
    const { rows: consents } = await pool.query<Consent>(
      `SELECT c.resident_id, c.recipient_id, c.program_id, c.pairwise_id, c.items FROM azukari.consent c
         JOIN azukari.program p ON p.id = c.program_id AND p.version = c.program_version JOIN azukari.recipient r ON r.id = c.recipient_id
       WHERE c.state = 'active' AND p.status = 'active' AND r.status = 'active' ORDER BY c.pairwise_id`,
    );
    const [{ recipient_id, program_id, items }] = consents as [Consent];
    const purpose = items[0]!.split('/')[0]!;
    const categories = items.filter((item) => item.startsWith(`${purpose}/`)).map((item) => item.split('/')[1]!);
    const ofProgram = consents.filter(
      (consent) => consent.program_id === program_id && consent.items.join() === items.join(),
    );
    expect(ofProgram.length).toBeGreaterThan(2);
    // Every third is nobody, in an order that is not that of the ids.
    const asked = Array.from({ length: 25 }, (_, place) =>
      place % 3 === 1 ? null : ofProgram[(place * 7) % ofProgram.length]!,
    );
    const each = <T>(value: T): T[] => asked.map(() => value);
    const sealed = Buffer.from('sealed');
    const { rows } = await pool.query<{ reason_list: string; entry_lines: string }>(appendText, [
      ...[city.policy, [recipient_id], [program_id], [purpose], [categories.join(',')], each(1)],
      asked.map((consent) => consent?.resident_id ?? null),
      asked.map((consent) => consent?.pairwise_id ?? randomBytes(32)),
      ...versionsOf(each(categories.map(() => '0').join(','))),
      ...[each(null), each(null), each(null), each(randomBytes(32))],
      ...[each(sealed), each('2026-11'), each(sealed)],
    ]);
    expect(rows[0]!.reason_list.split(',')).toEqual(asked.map((consent) => (consent === null ? 'no-consent' : '')));
    const kinds = rows[0]!.entry_lines.split('\n').map((line) => (JSON.parse(line) as { t: string }).t);
    expect(kinds).toEqual(asked.map((consent) => (consent === null ? 'refusal' : 'provision')));
  });

  there(`started again there, the service takes up the same city and its log${reason}`, async () => {
    const { log } = served!.demo!;
    await served!.stop();
    const again = await start();
    expect(again.service.isFounding).toBe(false);
    expect(again.demo!.log).toMatchObject({ origin: log.origin, vkey: log.vkey });
    expect((await takeTour(again)).at(-1)).toMatch(/nothing missing$/);
  });
});

interface Consent {
  resident_id: string;
  recipient_id: string;
  program_id: string;
  pairwise_id: Buffer;
  items: string[];
}
