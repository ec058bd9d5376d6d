/**
 * What goes into the log and beside it for one item, made before the records are read: the commitment of the entry, the detail that only the
 * resident and the recipient can open, and the record of the provision that the law demands (APPI article 29).
 */
import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '../kernel/clock.js';
import { sealEntryDetail } from '../residents/entry-detail.js';
import { provisionDetail, type ProvisionFacts, restOfDetail } from '../residents/provision-detail.js';
import { type ResidentKeys, ResidentKeysService } from '../residents/resident-keys.service.js';
import { ResidentsService } from '../residents/residents.service.js';
import { commitmentOf } from '../transparency-log/tag.js';
import { StatutoryKeysService } from '../vault/statutory-keys.service.js';
import type { AppendItem, ReadItem } from './append-item.js';
import type { Resolved } from './gate.service.js';
import { fieldsOf } from './granted.js';
import { CLOCK, type Judgement } from './judgement.service.js';

export interface SealedEntry {
  append: AppendItem;
  nonce: Buffer;
  detail: string;
  /** Null when the resident is not known to the recipient. */
  keys: ResidentKeys | null;
}

@Injectable()
export class EntrySealingService {
  constructor(
    private readonly residents: ResidentsService,
    private readonly keys: ResidentKeysService,
    private readonly statutory: StatutoryKeysService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Null where the resident has no keys: erased since being looked up. */
  async seal(item: ReadItem, resolved: Resolved, { program, refusal }: Judgement): Promise<SealedEntry | null> {
    const now = this.clock();
    const nonce = randomBytes(32);
    const fields = program === null ? {} : fieldsOf(item, program);
    const facts: ProvisionFacts = {
      ...{ ...item, at: now, versions: resolved.versions },
      fields: item.categories.map((category) => fields[category] ?? []),
    };
    const detail = provisionDetail(facts);
    const append: AppendItem = {
      ...item,
      residentId: resolved.resident?.id ?? null,
      ...{ versions: resolved.versions, refusal, commitment: Buffer.from(commitmentOf(nonce, detail), 'hex') },
      ...{ sealedDetail: null, statutory: null },
    };
    if (resolved.resident === null) return { append, nonce, detail, keys: null };
    const { id, sealedName } = resolved.resident;
    const keys = await this.keys.findOne(id);
    if (keys === undefined) return null;
    // Of a program that this recipient does not have, the entry says nothing.
    const kept = resolved.programVersion === null ? detail : restOfDetail(facts);
    append.sealedDetail = sealEntryDetail(keys.dataKey, id, nonce, kept);
    if (program !== null && refusal === null) {
      const name = this.residents.openName(keys, id, sealedName);
      const period = now.toISOString().slice(0, 7);
      append.statutory = { period, sealed: await this.statutory.seal({ id, name }, period, append.commitment) };
    }
    return { append, nonce, detail, keys };
  }
}
