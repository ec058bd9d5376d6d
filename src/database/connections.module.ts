/** Hands the connections of a running service, its key provider and its journal to whoever asks for them. */
import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { TypeOrmModuleOptions } from '@nestjs/typeorm';
import type { Pool } from 'pg';
import { KEY_PROVIDER, type KeyProvider } from './key-provider.js';
import { APP_POOL, KEYS_POOL, SIGNER_POOL } from './connections.js';
import { limits } from './pool.js';
import { rowTypes } from './row-types.js';
import { WITHDRAWAL_JOURNAL, type WithdrawalJournal } from './withdrawal-journal.js';

export interface Connections {
  appPool: Pool;
  signerPool: Pool;
  keysPool: Pool;
  keyProvider: KeyProvider;
  journal: WithdrawalJournal;
}

@Global()
@Module({})
export class ConnectionsModule {
  static register({ appPool, signerPool, keysPool, keyProvider, journal }: Connections): DynamicModule {
    const shared = [
      { provide: APP_POOL, useValue: appPool },
      { provide: SIGNER_POOL, useValue: signerPool },
      { provide: KEYS_POOL, useValue: keysPool },
      { provide: KEY_PROVIDER, useValue: keyProvider },
      { provide: WITHDRAWAL_JOURNAL, useValue: journal },
    ];
    return { module: ConnectionsModule, providers: shared, exports: shared };
  }

  /** TypeORM as azukari_app. It never changes the schema; entities register with their modules. */
  static typeOrmOptions(url: string, poolSize: number): TypeOrmModuleOptions {
    return {
      type: 'postgres',
      url,
      autoLoadEntities: true,
      synchronize: false,
      migrationsRun: false,
      installExtensions: false,
      logging: false,
      poolSize,
      retryAttempts: 0,
      applicationName: 'azukari entities',
      connectTimeoutMS: 10_000,
      poolErrorHandler: () => undefined,
      extra: { types: rowTypes, keepAlive: true, ...limits },
    };
  }
}
