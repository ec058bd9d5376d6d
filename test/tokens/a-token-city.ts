/** A city whose recipients can ask for tokens, and servers (nodes) that share it. */
import { Controller, Get, Inject, Module, Req } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import type { AddressInfo } from 'node:net';
import type { Pool } from 'pg';
import { APP_POOL } from '../../src/database/connections.js';
import { openPool } from '../../src/database/pool.js';
import { nestOptions, prepareFastify } from '../../src/http/fastify.js';
import { HttpModule } from '../../src/http/http.module.js';
import { httpSettings } from '../../src/http/http-settings.js';
import { SecurityLog } from '../../src/http/security-log.js';
import { useHttp } from '../../src/http/use-http.js';
import type { ProgramCover } from '../../src/tokens/authorization-details.js';
import { registerClientKey } from '../../src/tokens/client-keys.js';
import { wwwAuthenticate } from '../../src/tokens/proof/challenge.js';
import { proofRequestOf, verifyProof } from '../../src/tokens/proof/request-proof.js';
import { type Authority, ReadAuthenticator } from '../../src/tokens/read-authenticator.js';
import { newSigningKey } from '../../src/tokens/server/issuer.js';
import type { RefusedRequest } from '../../src/tokens/server/routes.js';
import { TokensModule } from '../../src/tokens/tokens.module.js';
import { SignerCity } from '../crash/a-signer.js';
import type { FreshCity } from '../setup/fresh-database.js';
import { newKeys, type Algorithm, type Keys } from './a-client.js';

/** What the world calls the service; the nodes listen elsewhere, as they would behind a proxy. */
export const issuer = 'https://azukari.minatono.example';
export const resource = `${issuer}/v1`;

export interface TokenCity {
  readonly city: FreshCity;
  readonly app: Pool;
  readonly admin: Pool;
  /** Program id → what it covers; by default of the clinic. */
  readonly programs: Map<string, ProgramCover & { recipientId: string }>;
  /** Of tokens the log hears nothing; what stands in it is checked. */
  close(): Promise<void>;
}

export async function aTokenCity(): Promise<TokenCity> {
  const signers = await SignerCity.found();
  const city = signers.databases;
  const app = openPool({ url: city.appUrl, size: 10, applicationName: 'tokens test' });
  const admin = openPool({ url: city.adminUrl, size: 2, applicationName: 'tokens test admin' });
  for (const [id, kind] of [
    ['hamakaze-clinic', 'clinic'],
    ['minatono-bus', 'transport'],
  ]) {
    await admin.query("SELECT azukari.register_recipient($1, $2, '提供先', 'Recipient', 'JP', '990019')", [id, kind]);
  }
  const items = ['activity.steps', 'health.checkup'].map((category) => ({ purpose: 'care.prevention', category }));
  const programs = new Map([
    ['p-checkup', { recipientId: 'hamakaze-clinic', active: true, items }],
    ['p-paused', { recipientId: 'hamakaze-clinic', active: false, items }],
    ['p-of-the-bus', { recipientId: 'minatono-bus', active: true, items }],
  ]);
  return {
    ...{ city, app, admin, programs },
    async close() {
      await Promise.all([app.end(), admin.end()]);
      await signers.closeSoundly();
    },
  };
}

export interface Client {
  readonly recipientId: string;
  readonly clientId: string;
  readonly keys: Keys;
  /** The key that its tokens are bound to. */
  readonly proofKeys: Keys;
}

export async function aClient(
  { app }: TokenCity,
  recipientId = 'hamakaze-clinic',
  algorithm: Algorithm = 'ES256',
): Promise<Client> {
  const keys = newKeys(algorithm);
  const { clientId } = await registerClientKey(app, recipientId, keys.jwk);
  return { recipientId, clientId, keys, proofKeys: newKeys(algorithm) };
}

export interface Node {
  readonly port: number;
  /** What was told of refused requests. */
  readonly events: RefusedRequest[];
  close(): Promise<void>;
}

export interface NodeOptions {
  readonly publicUrl?: string;
  /** Without the HTTP rung, which refuses some requests earlier: what is promised must hold there too. */
  readonly isBare?: boolean;
  /** Instead of `events`. */
  readonly securityLines?: string[];
}

/** One server of the city, over real HTTP; `/v1/records` stands for the door and tells what the token lets its holder ask for. */
export async function aNode(city: TokenCity, options: NodeOptions = {}): Promise<Node> {
  const { publicUrl = issuer, isBare = false, securityLines } = options;
  const events: RefusedRequest[] = [];
  const settings = httpSettings({
    publicUrl,
    isDemo: true,
    challenge: wwwAuthenticate,
    securityLog: new SecurityLog((line) => securityLines?.push(line)),
    incidentSink: () => undefined,
  });
  const tokens = TokensModule.register({
    publicUrl,
    pool: city.app,
    signingKeys: [newSigningKey()],
    ...(securityLines ? {} : { onRefusal: (refused: RefusedRequest) => events.push(refused) }),
    programLookup: (recipientId, programId) => {
      const program = city.programs.get(programId);
      return Promise.resolve(program?.recipientId === recipientId ? program : null);
    },
  });
  const database = {
    module: class DatabaseForTest {},
    global: true,
    providers: [{ provide: APP_POOL, useValue: city.app }],
    exports: [APP_POOL],
  };
  class NodeModule {}
  const imports = isBare ? [tokens] : [database, HttpModule.of(settings), tokens];
  Module({ imports, controllers: [recordsController(publicUrl)] })(NodeModule);
  const adapter = isBare ? new FastifyAdapter() : prepareFastify(settings);
  const app = await NestFactory.create<NestFastifyApplication>(NodeModule, adapter, { ...nestOptions, logger: false });
  if (!isBare) useHttp(app, settings);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return { port, events, close: () => app.close() };
}

function recordsController(publicUrl: string) {
  @Controller('v1')
  class RecordsController {
    constructor(@Inject(ReadAuthenticator) private readonly authenticator: ReadAuthenticator) {}

    @Get('records')
    read(@Req() request: FastifyRequest): Promise<Authority> {
      return this.authenticator.authenticate(
        verifyProof(proofRequestOf(request.raw, publicUrl), new Date()),
        'provision',
      );
    }
  }
  return RecordsController;
}
