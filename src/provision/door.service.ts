/**
 * THE one door through which data leaves to recipients (design section 5). The order of its steps is the order of `ask` and `collect`; the
 * answer is no until the last of them. What is decided here is decided again in the database, where it counts.
 */
import { Inject, Injectable } from '@nestjs/common';
import { type Code, invariant, Mistake } from '../kernel/errors.js';
import type { PolicyBook } from '../policy/policy-book.js';
import { POLICY_BOOK } from '../policy/policy.module.js';
import { PublicationService } from '../transparency-log/publication.service.js';
import type { ProvisionReceipt } from '../transparency-log/receipt.js';
import { ReceiptsService } from '../transparency-log/receipts.service.js';
import { EntrySealingService, type SealedEntry } from './entry-sealing.service.js';
import type { ReadItem } from './append-item.js';
import { GateService, type Redeemed } from './gate.service.js';
import type { Granted } from './granted.js';
import { type Judgement, JudgementService } from './judgement.service.js';
import { type ProvidedRecord, provideRecords } from './provided-record.js';

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
    private readonly judgement: JudgementService,
    private readonly sealing: EntrySealingService,
    private readonly publication: PublicationService,
    private readonly receipts: ReceiptsService,
    @Inject(POLICY_BOOK) private readonly book: PolicyBook,
  ) {}

  /** One resident's data, or the reason why not. The caller has been authenticated and its token covers the item. */
  async pass(item: ReadItem): Promise<Provided | Refused> {
    const granted = await this.ask(item);
    return 'reason' in granted ? granted : this.collect(granted);
  }

  /** Steps 2 to 5: everything up to the grant. A refusal has been committed to the log when this returns. */
  async ask(item: ReadItem): Promise<Granted | Refused> {
    // Keys are destroyed after everything else: whoever had none the first time is nobody the second.
    const prepared = (await this.prepare(item)) ?? (await this.prepare(item));
    if (prepared === null) throw new Mistake('unavailable', 'the keys of this resident are gone');
    const { sealed, judgement } = prepared;
    const { index, entry, reason } = await this.gate.append(sealed.append);
    if (reason !== null) return { reason };
    const { nonce, detail, keys } = sealed;
    const { program } = judgement;
    invariant(keys && program, 'a grant names a resident and a program');
    // A newer version came into force meanwhile: its fields are not those of `program`, so nothing is collected and the grant lapses.
    if (!entry.includes(`"version":${program.version},`)) {
      throw new Mistake('unavailable', 'the program was replaced by a newer version meanwhile; ask again');
    }
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

  private async prepare(item: ReadItem): Promise<{ sealed: SealedEntry; judgement: Judgement } | null> {
    const resolved = await this.gate.resolve(item);
    const judgement = await this.judgement.judge(item, resolved);
    const sealed = await this.sealing.seal(item, resolved, judgement);
    return sealed && { sealed, judgement };
  }

  /** Those of the grants, redeemed a while ago, that have fallen since. */
  fallen(granted: readonly Granted[]): Promise<Set<number>> {
    return this.gate.fallen(granted);
  }
}

function reasonOf(outcome: Exclude<Redeemed['outcome'], 'provided'>): Code {
  // Nobody but the asker redeems a grant: one that is used up was closed by the sweeper, or by the turn of the year.
  if (outcome === 'not-redeemed' || outcome === 'already-used')
    throw new Mistake('log-unavailable', 'the grant was closed before it was redeemed; ask again');
  return outcome;
}
