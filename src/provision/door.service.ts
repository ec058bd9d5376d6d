/**
 * THE one door through which data leaves to recipients (design section 5). The order of its steps is the order of `pass`; the answer is no
 * until the last of them. What is decided here is decided again in the database, where it counts.
 */
import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { type Code, invariant, Mistake } from '../kernel/errors.js';
import type { Clock } from '../kernel/clock.js';
import { ageBandAt } from '../residents/age-band.js';
import { sealEntryDetail } from '../residents/entry-detail.js';
import { ResidentKeysService } from '../residents/resident-keys.service.js';
import { ResidentsService } from '../residents/residents.service.js';
import { toBase64url } from '../kernel/bytes.js';
import type { PolicyBook } from '../policy/policy-book.js';
import { POLICY_BOOK } from '../policy/policy.module.js';
import { policyTermsOf } from '../policy/policy-terms.js';
import type { Program } from '../programs/program.entity.js';
import { ProgramsService } from '../programs/programs.service.js';
import { RecipientsService } from '../recipients/recipients.service.js';
import { StatutoryKeysService } from '../vault/statutory-keys.service.js';
import { commitmentOf } from '../transparency-log/tag.js';
import { PublicationService } from '../transparency-log/publication.service.js';
import type { ProvisionReceipt } from '../transparency-log/receipt.js';
import { ReceiptsService } from '../transparency-log/receipts.service.js';
import { type AppendItem, GateService, type ReadItem, type Redeemed, type Resolved } from './gate.service.js';
import { fieldsOf, type Granted } from './granted.js';
import { type ProvidedRecord, provideRecords } from './provided-record.js';
import { detailOf } from './provision-request.js';

export const CLOCK = Symbol('clock');

/** A refusal is a value: it stands in the log and is told to the caller by its code. */
export interface Refused {
  reason: Code;
}

export interface Provided {
  records: ProvidedRecord[];
  receipt: ProvisionReceipt;
}

@Injectable()
export class DoorService {
  constructor(
    private readonly gate: GateService,
    private readonly programs: ProgramsService,
    private readonly recipients: RecipientsService,
    private readonly residents: ResidentsService,
    private readonly keys: ResidentKeysService,
    private readonly statutory: StatutoryKeysService,
    private readonly publication: PublicationService,
    private readonly receipts: ReceiptsService,
    @Inject(POLICY_BOOK) private readonly book: PolicyBook,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** One resident's data, or the reason why not. The caller has been authenticated and its token covers the item. */
  async pass(item: ReadItem): Promise<Provided | Refused> {
    const granted = await this.ask(item);
    return 'reason' in granted ? granted : this.collect(granted);
  }

  /** Steps 2 to 5: everything up to the grant. A refusal has been committed to the log when this returns. */
  async ask(item: ReadItem): Promise<Granted | Refused> {
    const resolved = await this.gate.resolve(item);
    const program =
      resolved.programVersion === null
        ? null
        : await this.programs.findVersion(item.programId, resolved.programVersion);
    const refusal = await this.refusalBeforehand(item, resolved, program);
    const prepared = await this.prepare(item, resolved, program, refusal);
    const { index, entry, reason } = await this.gate.append(prepared.append);
    if (reason !== null) return { reason };
    invariant(prepared.keys && program, 'a grant names a resident and a program');
    // A newer version came into force meanwhile: its fields are not those of `program`, so nothing is collected and the grant lapses.
    if (!entry.includes(`"version":${program.version},`)) {
      throw new Mistake('unavailable', 'the program was replaced by a newer version meanwhile; ask again');
    }
    const { nonce, detail, keys } = prepared;
    return { item, index, entry, nonce, detail, program, keys };
  }

  /** Steps 6 to 8: waits for the checkpoint, takes the records out of the database, and makes the answer. */
  async collect(granted: Granted): Promise<Provided | Refused> {
    const { index, entry, nonce, detail } = granted;
    const checkpoint = await this.publication.covering(index, granted.item.categories);
    const receipt = await this.receipts.receipt(index, entry, nonce, detail, checkpoint);
    // Last, so that nothing but making the answer lies between the database's yes and the writing.
    const redeemed = await this.gate.redeem(index);
    if (redeemed.outcome !== 'provided') return { reason: reasonOf(redeemed.outcome) };
    return { records: provideRecords(granted, redeemed, this.book), receipt };
  }

  /** Those of the grants, redeemed a while ago, that have fallen since. */
  fallen(granted: readonly Granted[]): Promise<Set<number>> {
    return this.gate.fallen(granted.map(({ index }) => index));
  }

  /** Steps 2 and 3 without the locks: a program that has these items, and a policy that permits them. */
  private async refusalBeforehand(item: ReadItem, resolved: Resolved, program: Program | null): Promise<Code | null> {
    if (program === null) return 'program-not-active';
    const { terms } = program.application;
    const covers = (category: string) =>
      terms.items.some((own) => own.purpose === item.purpose && own.category === category);
    // Answering questions without handing over the data is not built; until it is, such a program receives nothing.
    if (terms.mode === 'answer_only') return 'outside-terms';
    if (!item.categories.every(covers)) return 'outside-terms';
    // Who is not known to this recipient has no age; the database answers for them as for everybody without a consent.
    if (resolved.resident === null) return null;
    const { id, kind, country } = await this.recipients.requireKnown(item.recipientId);
    const decision = this.book.decide({
      ...{ action: 'provide', recipient: { id, kind, country }, purpose: item.purpose, categories: item.categories },
      terms: policyTermsOf(terms, item.purpose, this.book),
      residentAge: ageBandAt(resolved.resident, this.clock()),
    });
    return decision.permitted ? null : 'policy-forbids';
  }

  private async prepare(item: ReadItem, resolved: Resolved, program: Program | null, refusal: Code | null) {
    const now = this.clock();
    const nonce = randomBytes(32);
    const detail = detailOf(item, resolved, program === null ? {} : fieldsOf(item, program), now);
    const commitment = Buffer.from(commitmentOf(nonce, detail), 'hex');
    const append: AppendItem = {
      ...item,
      versions: resolved.versions,
      refusal,
      commitment,
      sealedDetail: null,
      statutory: null,
    };
    if (resolved.resident === null) return { append, nonce, detail, keys: null };
    const { id, sealedName } = resolved.resident;
    const keys = await this.keys.require(id);
    append.sealedDetail = sealEntryDetail(keys.dataKey, id, { nonce: toBase64url(nonce), detail });
    if (program !== null && refusal === null) {
      append.statutory = await this.statutory.seal({
        resident: { id, name: this.residents.openName(keys, id, sealedName) },
        ...{ recipient: item.recipientId, program: program.id, version: program.version, purpose: item.purpose },
        ...{ categories: item.categories, basis: 'consent', at: now.toISOString() },
      });
    }
    return { append, nonce, detail, keys };
  }
}

function reasonOf(outcome: Exclude<Redeemed['outcome'], 'provided'>): Code {
  // Nobody but the asker redeems a grant, so one that is used up was voided by the sweeper.
  if (outcome === 'not-redeemed' || outcome === 'already-used')
    throw new Mistake('log-unavailable', 'the grant ran out before it was signed; ask again');
  return outcome;
}
