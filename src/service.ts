/**
 * One running service: connections, keys, the Nest application, the signer. It is given a migrated database and directories; it is stopped
 * cleanly or not at all. Tests start several on one database.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import type { Pool } from 'pg';
import { AppModule } from './app.module.js';
import { openCityKeys, requireKeyFiles, requireLogKeys } from './city-keys.js';
import { adoptPolicy, type City, findCity, foundCity, type NewCity, weighPolicy } from './database/city.js';
import { Listener } from './database/listener.js';
import { openPool } from './database/pool.js';
import { WithdrawalJournal } from './database/withdrawal-journal.js';
import { assertLeastPrivilege } from './database/roles.js';
import { nestOptions, prepareFastify } from './http/fastify.js';
import { type HttpOptions, httpSettings } from './http/http-settings.js';
import { useHttp } from './http/use-http.js';
import { serveOpenApi } from './openapi.js';
import { holdPort } from './database/free-port.js';
import { GateOpening } from './gate-opening.js';
import { type Replayed, replayJournal } from './journal-replay.js';
import { NoCity } from './no-city.js';
import { loadPolicyBook, type PolicyBook } from './policy/policy-book.js';
import { SourcesService } from './sources/sources.service.js';
import { wwwAuthenticate } from './tokens/proof/challenge.js';
import { KeyRing } from './transparency-log/keys/key-ring.js';
import { standingKeys } from './transparency-log/keys/key-standing.js';
import { readAllLogKeys, readLogKeys } from './transparency-log/keys/log-keys.js';
import { LogKeysService } from './transparency-log/keys/log-keys.service.js';
import { encodeVerifierKey } from './transparency-log/note-key.js';
import { authenticateSources } from './vault/source-authentication.js';
import { SignerThread } from './signer-thread.js';
import { PublicationService } from './transparency-log/publication.service.js';
import { SignerService } from './transparency-log/signer.service.js';
import { CosignerService } from './transparency-log/witness/cosigner.service.js';
import { type WitnessAddresses, witnessesOf } from './transparency-log/witness/witness-settings.js';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

export interface ServiceOptions {
  appUrl: string;
  signerUrl: string;
  keysUrl: string;
  /** Key files, shared by all nodes of a city. */
  keysDirectory: string;
  journalDirectory: string;
  anchorDirectory: string;
  /** Where the signer keeps what it signs, as files. */
  tilesDirectory: string;
  policies: string;
  host: string;
  /** 0 chooses a free port. */
  port: number;
  /** Null: `http://<host>:<port>`. */
  publicUrl: string | null;
  runsSigner: boolean;
  /** Whether the signer has a thread of its own; default false, for a process that has little else to do. */
  signsInThread?: boolean;
  /** A witness policy file (c2sp.org/tlog-policy), and how long provisions go on without a quorum; null: what is in force stays so. */
  witnesses?: WitnessAddresses | null;
  /** Default true. */
  indexesAtNight?: boolean;
  /** At most so many connections of azukari_app answer requests: in the plain pool, beside the one that listens, and in TypeORM's. Default 12 and 6. */
  connections?: { plain: number; entities: number };
  /** Founds this city when the database holds none. */
  founding: NewCity | null;
  /** A further process of a city that is set up: it makes no key, adopts no policy, founds nothing. */
  isFurther?: boolean;
  logger?: LoggerService | false;
  http?: Partial<HttpOptions>;
}

export interface RunningService {
  app: NestFastifyApplication;
  city: City;
  /** Whether this start founded the city. */
  isFounding: boolean;
  publicUrl: string;
  /** Where it listens. */
  address: { host: string; port: number };
  /** The public key of the log to pin at this start; during a rotation the new one. */
  logVkey: string;
  /** What the journal had to stop again. */
  replayed: Replayed;
  /** Connections as azukari_app. */
  pool: Pool;
  stop(): Promise<void>;
}

/** A further node decides by the policy in force or not at all. */
export class OtherPolicy extends Error {
  override readonly name = 'OtherPolicy';

  constructor() {
    super(
      'the policies of this version are not those in force in the city; restart the service that serves it with this version first',
    );
  }
}

/** Starts and listens. On failure everything that was opened is closed again. */
export async function startService(options: ServiceOptions): Promise<RunningService> {
  const closers: (() => Promise<unknown>)[] = [];
  // What cannot be closed must not keep open what comes after it.
  const stop = async () => {
    let failure: unknown = null;
    for (const close of closers.splice(0).reverse()) await close().catch((error: unknown) => (failure ??= error));
    if (failure !== null) throw failure;
  };
  try {
    return await start(options, closers, stop);
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
}

type Closers = (() => Promise<unknown>)[];

async function start(given: ServiceOptions, closers: Closers, stop: () => Promise<void>): Promise<RunningService> {
  // Our address stands in tokens and receipts, so it has to be known before anything listens.
  const held = await holdPort(given.host, given.port);
  closers.push(() => held.release());
  // Who asks at the address that was given, to see whether we are there, finds nobody until we are.
  if (given.port !== 0) await held.release();
  const options = { ...given, port: held.port };
  const pools = await openPools(options, closers);
  const policy = await loadPolicyBook(options.policies);
  const { city, isFounding } = await requireCity(pools.appPool, options, policy);
  await weighPolicy(pools.appPool, policy.digest, sensitiveCategoriesOf(policy));
  const http = httpSettings({
    ...options.http,
    publicUrl: options.publicUrl ?? `http://${options.host}:${options.port}`,
    ...{ isDemo: city.demo, challenge: wwwAuthenticate },
  });
  const publicUrl = http.address.origin;
  const keys = await openCityKeys(options.keysDirectory);
  const witnesses = await witnessesOf(options.witnesses, await readAllLogKeys(pools.appPool), pools.signerPool);
  const journal = await WithdrawalJournal.open(options.journalDirectory);
  closers.push(() => journal.close());
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.of({
      ...{ city, http, policy, ...pools, appUrl: options.appUrl, journal },
      ...{ keyProvider: keys.provider, signingKeys: keys.oauth, entityConnections: options.connections?.entities ?? 6 },
      log: {
        keys: keys.log,
        anchorFile: join(options.anchorDirectory, 'checkpoint'),
        tilesDirectory: options.tilesDirectory,
        runsSigner: options.runsSigner,
        witnesses,
        indexesAtNight: options.indexesAtNight ?? true,
      },
      consents: {
        receiptSigner: keys.receipts,
        operator: { name: { ja: city.nameJa, en: city.nameEn }, municipality: city.municipalityCode, publicUrl },
      },
    }),
    prepareFastify(http),
    { ...nestOptions, logger: options.logger ?? ['warn', 'error', 'fatal'], abortOnError: false },
  );
  // After the application: what is under way may still wait for a signature.
  let thread: SignerThread | null = null;
  closers.push(async () => thread?.stop());
  closers.push(() => closeWithin(app, 10_000));
  useHttp(app, http);
  authenticateSources(
    app.getHttpAdapter().getInstance() as unknown as FastifyInstance,
    app.get(SourcesService, { strict: false }),
  );
  serveOpenApi(app, publicUrl, version);
  const publication = app.get(PublicationService);
  const listener = new Listener(pools.appPool, 'azukari_checkpoint', () => publication.notified());
  closers.push(() => listener.stop());
  listener.start();
  const gate = new GateOpening(pools.appPool, pools.signerPool, () => replayJournal(journal, app, pools.appPool));
  closers.push(() => gate.stop());
  const replayed = await gate.start();
  if (options.runsSigner) thread = await startSigning(app, options);
  await held.release();
  await app.listen(options.port, options.host);
  const { port } = app.getHttpServer().address() as { port: number };
  const address = { host: options.host, port };
  const logVkey = await app.get(LogKeysService).newest();
  return { app, city, isFounding, publicUrl, address, logVkey, pool: pools.appPool, replayed, stop };
}

/** Null when the signer runs in this thread; it is then stopped with the application. */
async function startSigning(app: NestFastifyApplication, options: ServiceOptions): Promise<SignerThread | null> {
  if (options.signsInThread !== true) {
    await app.get(SignerService).start();
    await app.get(CosignerService).start();
    return null;
  }
  const { signerUrl, keysDirectory, anchorDirectory, tilesDirectory, witnesses = null } = options;
  const places = { signerUrl, keysDirectory, anchorDirectory, tilesDirectory, witnesses };
  return SignerThread.start({ ...places, isQuiet: options.logger === false }, app.get(PublicationService));
}

function sensitiveCategoriesOf({ categories }: PolicyBook): string[] {
  return [...categories.values()].filter(({ sensitivity }) => sensitivity === 'sensitive').map(({ code }) => code);
}

async function openPools({ appUrl, signerUrl, keysUrl, connections }: ServiceOptions, closers: Closers) {
  const pools = {
    // One more listens.
    appPool: openPool({ url: appUrl, size: (connections?.plain ?? 12) + 1, applicationName: 'azukari app' }),
    signerPool: openPool({ url: signerUrl, size: 4, applicationName: 'azukari signer' }),
    keysPool: openPool({ url: keysUrl, size: 4, applicationName: 'azukari keys' }),
  };
  for (const pool of Object.values(pools)) {
    closers.push(() => pool.end());
    await assertLeastPrivilege(pool);
  }
  return pools;
}

/** Requests under way are finished, but a reader who takes its time is not waited for without end. */
async function closeWithin(app: NestFastifyApplication, milliseconds: number): Promise<void> {
  const timer = setTimeout(() => app.getHttpServer().closeAllConnections(), milliseconds);
  await app.close().finally(() => clearTimeout(timer));
}

async function requireCity(pool: Pool, options: ServiceOptions, policy: PolicyBook) {
  const known = await findCity(pool);
  if (options.isFurther === true) {
    if (known === null) throw new NoCity();
    if (known.policy !== policy.digest) throw new OtherPolicy();
    const standing = standingKeys(await readLogKeys(pool)).map(({ vkey }) => vkey);
    await requireLogKeys(options.keysDirectory, standing);
    await requireKeyFiles(options.keysDirectory);
    return { city: known, isFounding: false };
  }
  if (known !== null) {
    if (known.policy !== policy.digest) await adoptPolicy(pool, policy.digest);
    return { city: { ...known, policy: policy.digest }, isFounding: false };
  }
  if (options.founding === null) throw new NoCity();
  const firstKey = await new KeyRing(options.keysDirectory).first(options.founding.logOrigin);
  await foundCity(pool, options.founding, policy.digest, encodeVerifierKey(firstKey));
  return { city: (await findCity(pool))!, isFounding: true };
}
