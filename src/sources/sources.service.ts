/** The register of sources, and who a bearer token belongs to. */
import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Pool } from 'pg';
import { Repository } from 'typeorm';
import { APP_POOL } from '../database/connections.js';
import { inOneStatement } from '../database/pool.js';
import { sha256, utf8 } from '../kernel/bytes.js';
import { newSecret } from '../kernel/ids.js';
import { Source } from './source.entity.js';

export interface NewSource {
  id: string;
  nameJa: string;
  nameEn: string;
  municipalityCode: string;
  categories: readonly string[];
}

@Injectable()
export class SourcesService {
  constructor(
    @Inject(APP_POOL) private readonly pool: Pool,
    @InjectRepository(Source) private readonly sources: Repository<Source>,
  ) {}

  /** Registers a source and returns its bearer token, which is not kept here and cannot be read again. */
  async register(source: NewSource): Promise<string> {
    const token = newSecret();
    await inOneStatement(this.pool, {
      text: 'SELECT azukari.register_source($1, $2, $3, $4, $5, $6)',
      values: [
        ...[source.id, source.nameJa, source.nameEn, source.municipalityCode],
        ...[source.categories, sha256(utf8(token))],
      ],
    });
    return token;
  }

  /** The active source a token belongs to, or null. */
  findByToken(token: string): Promise<Source | null> {
    return this.sources.findOneBy({ tokenSha256: sha256(utf8(token)), status: 'active' });
  }

  all(): Promise<Source[]> {
    return this.sources.find({ order: { id: 'ASC' } });
  }
}
