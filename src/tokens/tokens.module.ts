/**
 * The authorization server and what the resource server needs of it, for Nest on Fastify. It mounts its own paths when the
 * application starts and sweeps what expired until the application stops.
 */
import {
  type DynamicModule,
  type FactoryProvider,
  Inject,
  Logger,
  Module,
  type OnModuleDestroy,
  type OnModuleInit,
  Optional,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import type { JWK } from 'oidc-provider';
import type { Pool } from 'pg';
import { FailureAnswers } from '../http/failure-answers.js';
import { SecurityLog } from '../http/security-log.js';
import { type Clock, systemClock } from '../kernel/clock.js';
import type { ProgramLookup } from './authorization-details.js';
import { ReadAuthenticator } from './read-authenticator.js';
import { resourceOf } from './server/endpoints.js';
import { requireIssuer } from './server/issuer.js';
import { observeProvider } from './server/observed-provider.js';
import { createProvider, type VerifiedProofs } from './server/provider.js';
import { type Mount, mountProvider, type RefusedRequest } from './server/routes.js';
import { startSweeping } from './sweeper.js';

export interface TokensOptions {
  /** PUBLIC_URL: an origin, https outside loopback. It is the issuer, and every URL in proofs is compared with it. */
  readonly publicUrl: string;
  /** The app role's. */
  readonly pool: Pool;
  /** At least one private ES256 JWK (see {@link newSigningKey}). The public parts are served under `/jwks`. */
  readonly signingKeys: readonly JWK[];
  readonly programLookup: ProgramLookup;
  /** Told of each refused request; by default the security log is, or without one the application's log. */
  readonly onRefusal?: (refused: RefusedRequest) => void;
  readonly clock?: Clock;
}

const tokensOptions = Symbol('TokensOptions');

@Module({})
export class TokensModule implements OnModuleInit, OnModuleDestroy {
  private readonly log = new Logger('tokens');
  private stopSweeping: () => Promise<void> = () => Promise.resolve();

  constructor(
    @Inject(tokensOptions) private readonly options: TokensOptions,
    private readonly adapterHost: HttpAdapterHost,
    @Optional() private readonly securityLog?: SecurityLog,
    @Optional() private readonly failures?: FailureAnswers,
  ) {}

  static register(options: TokensOptions): DynamicModule {
    return TokensModule.registerAsync({ useFactory: () => options });
  }

  /** For options that other modules provide. */
  static registerAsync({
    imports = [],
    inject = [],
    useFactory,
  }: Pick<DynamicModule, 'imports'> & Pick<FactoryProvider<TokensOptions>, 'inject' | 'useFactory'>): DynamicModule {
    return {
      module: TokensModule,
      // Guards of every rung above ask for the authenticator.
      global: true,
      imports,
      providers: [
        { provide: tokensOptions, inject, useFactory },
        {
          provide: ReadAuthenticator,
          inject: [tokensOptions],
          useFactory: ({ pool, publicUrl }: TokensOptions) =>
            new ReadAuthenticator(pool, resourceOf(requireIssuer(publicUrl))),
        },
      ],
      exports: [ReadAuthenticator],
    };
  }

  onModuleInit(): void {
    const { publicUrl, pool, signingKeys, programLookup, clock = systemClock } = this.options;
    const onRefusal = this.options.onRefusal ?? ((refused) => this.record(refused));
    // Not the error itself: PostgreSQL's carries the row that failed.
    const onFailure = (error: unknown) => this.log.error(error instanceof Error ? error.stack : 'an unknown failure');
    const issuer = requireIssuer(publicUrl);
    const proofs: VerifiedProofs = new WeakMap();
    const provider = createProvider({ issuer, pool, signingKeys, programLookup, clock }, proofs);
    observeProvider(provider, { onRefusal, onFailure });
    const fastify = this.adapterHost.httpAdapter.getInstance<FastifyInstance>();
    const { failures } = this;
    const answerMistake: Mount['answerMistake'] =
      failures === undefined ? null : (mistake, request, reply) => failures.answer(mistake, request, reply);
    mountProvider(fastify, { provider, proofs, issuer, clock, onRefusal, answerMistake });
    this.stopSweeping = startSweeping(pool, onFailure);
  }

  async onModuleDestroy(): Promise<void> {
    await this.stopSweeping();
  }

  /** Who could not authenticate is told apart from who asked for what is not given; the log has the HTTP rung's words for both. */
  private record({ endpoint, status, error, recipientId, peer }: RefusedRequest): void {
    if (this.securityLog === undefined) return this.log.warn(`refused at ${endpoint}: ${status} ${error}`);
    const place = { method: 'POST', route: endpoint, organisation: recipientId ?? undefined, peer };
    const isProof = error === 'invalid_dpop_proof';
    if (isProof || status === 401) {
      const code = isProof ? 'invalid-dpop-proof' : 'invalid-token';
      this.securityLog.record({ event: 'authentication-failed', code, ...place });
    } else {
      this.securityLog.record({ event: 'access-refused', code: 'invalid-request', ...place });
    }
  }
}
