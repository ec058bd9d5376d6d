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
import type { JWK } from 'oidc-provider';
import type { Pool } from 'pg';
import { AppModule } from './app.module.js';
import { ReceiptSigner } from './consents/consent-receipt.js';
import { WithdrawalJournal } from './consents/withdrawal-journal.js';
import { adoptPolicy, type City, findCity, foundCity, type NewCity } from './database/city.js';
import { FileKeyProvider } from './database/key-provider.js';
import { openPool } from './database/pool.js';
import { assertLeastPrivilege } from './database/roles.js';
import { logKeyFile } from './databases.js';
import { findSecretFile, writeSecretFile } from './database/secret-file.js';
import { nestOptions, prepareFastify } from './http/fastify.js';
import { type HttpOptions, httpSettings } from './http/http-settings.js';
import { useHttp } from './http/use-http.js';
import { serveOpenApi } from './openapi.js';
import { requireFreePort } from './free-port.js';
import { loadPolicyBook, type PolicyBook } from './policy/policy-book.js';
import { SourcesService } from './sources/sources.service.js';
import { wwwAuthenticate } from './tokens/proof/challenge.js';
import { newSigningKey } from './tokens/server/issuer.js';
import { encodeVerifierKey, generateNoteKey, parseSigningKey, type SigningKey } from './transparency-log/note-key.js';
import { authenticateSources } from './vault/source-authentication.js';
import { SignerService } from './transparency-log/signer.service.js';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

export interface ServiceOptions {
  appUrl: string;
  signerUrl: string;
  keysUrl: string;
  /** Key files, shared by all nodes of a city. */
  keysDirectory: string;
  journalDirectory: string;
  anchorDirectory: string;
  policies: string;
  host: string;
  /** 0 chooses a free port. */
  port: number;
  /** Null: `http://<host>:<port>`. */
  publicUrl: string | null;
  runsSigner: boolean;
  /** Default true. */
  indexesAtNight?: boolean;
  /** Founds this city when the database holds none. */
  founding: NewCity | null;
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
  signingKey: SigningKey;
  /** Connections as azukari_app. */
  pool: Pool;
  stop(): Promise<void>;
}

/** The database holds no city and none may be founded here. */
export class NoCity extends Error {
  override readonly name = 'NoCity';
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
  const options = { ...given, port: await requireFreePort(given.host, given.port) };
  const pools = await openPools(options, closers);
  const policy = await loadPolicyBook(options.policies);
  const { city, isFounding } = await requireCity(pools.appPool, options, policy);
  const http = httpSettings({
    ...options.http,
    publicUrl: options.publicUrl ?? `http://${options.host}:${options.port}`,
    ...{ isDemo: city.demo, challenge: wwwAuthenticate },
  });
  const publicUrl = http.address.origin;
  const keys = await openKeys(options, city.logOrigin);
  const journal = await WithdrawalJournal.open(options.journalDirectory);
  closers.push(() => journal.close());
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.of({
      ...{ city, http, policy, ...pools, appUrl: options.appUrl, keyProvider: keys.provider, signingKeys: keys.oauth },
      log: {
        origin: city.logOrigin,
        signingKey: keys.log,
        anchorFile: join(options.anchorDirectory, 'checkpoint'),
        runsSigner: options.runsSigner,
        indexesAtNight: options.indexesAtNight ?? true,
      },
      consents: {
        ...{ journal, receiptSigner: keys.receipts },
        operator: { name: { ja: city.nameJa, en: city.nameEn }, municipality: city.municipalityCode, publicUrl },
      },
    }),
    prepareFastify(http),
    { ...nestOptions, logger: options.logger ?? ['warn', 'error', 'fatal'], abortOnError: false },
  );
  closers.push(() => closeWithin(app, 10_000));
  useHttp(app, http);
  authenticateSources(
    app.getHttpAdapter().getInstance() as unknown as FastifyInstance,
    app.get(SourcesService, { strict: false }),
  );
  serveOpenApi(app, publicUrl, version);
  if (options.runsSigner) await app.get(SignerService).start();
  await app.listen(options.port, options.host);
  const { port } = app.getHttpServer().address() as { port: number };
  const address = { host: options.host, port };
  return { app, city, isFounding, publicUrl, address, signingKey: keys.log, pool: pools.appPool, stop };
}

async function openPools({ appUrl, signerUrl, keysUrl }: ServiceOptions, closers: Closers) {
  const pools = {
    appPool: openPool({ url: appUrl, size: 12, applicationName: 'azukari app' }),
    signerPool: openPool({ url: signerUrl, size: 3, applicationName: 'azukari signer' }),
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

async function requireCity(pool: Pool, { founding, keysDirectory }: ServiceOptions, policy: PolicyBook) {
  const known = await findCity(pool);
  if (known !== null) {
    if (known.policy !== policy.digest) await adoptPolicy(pool, policy.digest);
    return { city: { ...known, policy: policy.digest }, isFounding: false };
  }
  if (founding === null)
    throw new NoCity('the database holds no city yet; set AZUKARI_DEMO=1 to found a demo city in it');
  const { signingKey } = await openLogKey(keysDirectory, founding.logOrigin);
  await foundCity(pool, founding, policy.digest, encodeVerifierKey(signingKey));
  return { city: (await findCity(pool))!, isFounding: true };
}

/** Every key this service holds outside the key store; each is made at first need. */
async function openKeys({ keysDirectory }: ServiceOptions, origin: string) {
  return {
    provider: await FileKeyProvider.open(join(keysDirectory, 'key-encryption-key')),
    receipts: await ReceiptSigner.open(join(keysDirectory, 'consent-receipts.pem')),
    log: (await openLogKey(keysDirectory, origin)).signingKey,
    oauth: [
      JSON.parse(
        await keep(join(keysDirectory, 'oauth-signing-key.jwk'), () => JSON.stringify(newSigningKey())),
      ) as JWK,
    ],
  };
}

async function openLogKey(keysDirectory: string, origin: string): Promise<{ signingKey: SigningKey }> {
  const skey = await keep(join(keysDirectory, logKeyFile), () => generateNoteKey(origin).skey);
  return { signingKey: parseSigningKey(skey) };
}

async function keep(file: string, make: () => string): Promise<string> {
  const kept = await findSecretFile(file);
  if (kept !== null) return kept;
  const made = make();
  await writeSecretFile(file, made);
  return made;
}
