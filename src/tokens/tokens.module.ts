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
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import type { JWK } from 'oidc-provider';
import type { Pool } from 'pg';
import { type Clock, systemClock } from '../kernel/clock.js';
import type { ProgramLookup } from './authorization-details.js';
import { ReadAuthenticator } from './read-authenticator.js';
import { resourceOf } from './server/endpoints.js';
import { requireIssuer } from './server/issuer.js';
import { observeProvider } from './server/observed-provider.js';
import { createProvider, type VerifiedProofs } from './server/provider.js';
import { mountProvider, type SecurityEvent } from './server/routes.js';
import { startSweeping } from './sweeper.js';

export interface TokensOptions {
  /** PUBLIC_URL: an origin, https outside loopback. It is the issuer, and every URL in proofs is compared with it. */
  readonly publicUrl: string;
  /** The app role's. */
  readonly pool: Pool;
  /** At least one private ES256 JWK (see {@link newSigningKey}). The public parts are served under `/jwks`. */
  readonly signingKeys: readonly JWK[];
  readonly programLookup: ProgramLookup;
  /** Refused requests, for the security log; by default a line of the application's log. */
  readonly onRefusal?: (event: SecurityEvent) => void;
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

  async onModuleInit(): Promise<void> {
    const { publicUrl, pool, signingKeys, programLookup, clock = systemClock } = this.options;
    const onRefusal = this.options.onRefusal ?? ((event) => this.log.warn(event));
    const onFailure = (error: unknown) => this.log.error(error);
    const issuer = requireIssuer(publicUrl);
    const proofs: VerifiedProofs = new WeakMap();
    const provider = createProvider({ issuer, pool, signingKeys, programLookup, clock }, proofs);
    observeProvider(provider, { onRefusal, onFailure });
    const fastify = this.adapterHost.httpAdapter.getInstance<FastifyInstance>();
    await mountProvider(fastify, { provider, proofs, issuer, clock, onRefusal });
    this.stopSweeping = startSweeping(pool, onFailure);
  }

  async onModuleDestroy(): Promise<void> {
    await this.stopSweeping();
  }
}
