/** A city whose recipients can ask for tokens, and servers (nodes) that share it. */
import { Controller, Get, Inject, Module, Req, Res } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AddressInfo } from 'node:net';
import type { Pool } from 'pg';
import { openPool } from '../../src/database/pool.js';
import { codes, Mistake } from '../../src/kernel/errors.js';
import type { ProgramCover } from '../../src/tokens/authorization-details.js';
import { registerClientKey } from '../../src/tokens/client-keys.js';
import { wwwAuthenticate } from '../../src/tokens/proof/challenge.js';
import { proofRequestOf, verifyProof } from '../../src/tokens/proof/request-proof.js';
import { ReadAuthenticator } from '../../src/tokens/read-authenticator.js';
import { newSigningKey } from '../../src/tokens/server/issuer.js';
import type { SecurityEvent } from '../../src/tokens/server/routes.js';
import { TokensModule } from '../../src/tokens/tokens.module.js';
import { aFreshCity, type FreshCity } from '../setup/fresh-database.js';
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
  close(): Promise<void>;
}

export async function aTokenCity(): Promise<TokenCity> {
  const city = await aFreshCity();
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
      await city.drop();
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
  readonly events: SecurityEvent[];
  close(): Promise<void>;
}

/** One server of the city, over real HTTP; `/v1/records` stands for the door and tells what the token lets its holder ask for. */
export async function aNode({ app: pool, programs }: TokenCity, publicUrl = issuer): Promise<Node> {
  const events: SecurityEvent[] = [];

  @Controller('v1')
  class RecordsController {
    constructor(@Inject(ReadAuthenticator) private readonly authenticator: ReadAuthenticator) {}

    @Get('records')
    async read(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
      try {
        const proof = verifyProof(proofRequestOf(request.raw, publicUrl), new Date());
        await reply.send(await this.authenticator.authenticate(proof));
      } catch (error) {
        if (!(error instanceof Mistake)) throw error;
        const challenge = wwwAuthenticate(error);
        if (challenge !== null) void reply.header('www-authenticate', challenge);
        await reply.code(codes[error.code][0]).send({ code: error.code, detail: error.message });
      }
    }
  }

  @Module({
    imports: [
      TokensModule.register({
        publicUrl,
        pool,
        signingKeys: [newSigningKey()],
        onRefusal: (event) => events.push(event),
        programLookup: (recipientId, programId) => {
          const program = programs.get(programId);
          return Promise.resolve(program?.recipientId === recipientId ? program : null);
        },
      }),
    ],
    controllers: [RecordsController],
  })
  class NodeModule {}

  const app = await NestFactory.create<NestFastifyApplication>(NodeModule, new FastifyAdapter(), { logger: false });
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return { port, events, close: () => app.close() };
}
