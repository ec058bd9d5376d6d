/** The house put together: which parts there are and what each is handed. */
import { type DynamicModule, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { Pool } from 'pg';
import type { JWK } from 'oidc-provider';
import { BoardModule } from './board/board.module.js';
import type { City } from './database/city.js';
import { ConsentsModule, type ConsentsOptions } from './consents/consents.module.js';
import { ConnectionsModule } from './database/connections.module.js';
import { HttpModule } from './http/http.module.js';
import type { HttpSettings } from './http/http-settings.js';
import { PagesModule } from './pages/pages.module.js';
import type { PolicyBook } from './policy/policy-book.js';
import { PolicyModule } from './policy/policy.module.js';
import { ProgramsModule } from './programs/programs.module.js';
import { ProgramsService } from './programs/programs.service.js';
import { ProvisionModule } from './provision/provision.module.js';
import { RecipientsModule } from './recipients/recipients.module.js';
import type { KeyProvider } from './database/key-provider.js';
import type { WithdrawalJournal } from './database/withdrawal-journal.js';
import { StaffModule } from './staff/staff.module.js';
import { SourcesModule } from './sources/sources.module.js';
import { TokensModule } from './tokens/tokens.module.js';
import type { LogOptions } from './transparency-log/log-options.js';
import { TransparencyLogModule } from './transparency-log/transparency-log.module.js';
import { VaultModule } from './vault/vault.module.js';

export interface Parts {
  city: City;
  http: HttpSettings;
  /** As azukari_app; also TypeORM's. */
  appUrl: string;
  /** TypeORM's, at most. */
  entityConnections: number;
  appPool: Pool;
  signerPool: Pool;
  keysPool: Pool;
  keyProvider: KeyProvider;
  journal: WithdrawalJournal;
  policy: PolicyBook;
  log: LogOptions;
  consents: ConsentsOptions;
  signingKeys: readonly JWK[];
}

@Module({})
export class AppModule {
  static of(parts: Parts): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConnectionsModule.register(parts),
        TypeOrmModule.forRoot(ConnectionsModule.typeOrmOptions(parts.appUrl, parts.entityConnections)),
        HttpModule.of(parts.http),
        PolicyModule.register(parts.policy),
        TransparencyLogModule.register(parts.log),
        TokensModule.registerAsync({
          imports: [ProgramsModule],
          inject: [ProgramsService],
          useFactory: (...[programs]) => ({
            publicUrl: parts.http.address.origin,
            pool: parts.appPool,
            signingKeys: parts.signingKeys,
            programLookup: (recipientId, id) => (programs as ProgramsService).cover(recipientId, id),
          }),
        }),
        ...[RecipientsModule, SourcesModule, ProgramsModule, VaultModule],
        ConsentsModule.register(parts.consents),
        ProvisionModule,
        StaffModule,
        BoardModule,
        PagesModule.register({ city: parts.city }),
      ],
    };
  }
}
