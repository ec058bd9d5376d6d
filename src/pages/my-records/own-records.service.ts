/** What is held about a resident and what was taken out of it, with names. Counts and days only: no record is opened for this page. */
import { Inject, Injectable } from '@nestjs/common';
import { startOfDayInJapan } from '../../kernel/clock.js';
import type { Uuid } from '../../kernel/ids.js';
import type { PolicyBook } from '../../policy/policy-book.js';
import { POLICY_BOOK } from '../../policy/policy.module.js';
import { DepositsService, type StrippedNumber } from '../../vault/deposits.service.js';
import { HoldingsService } from '../../vault/holdings.service.js';
import { NamesService } from '../names.service.js';
import { recordsText } from './text.js';
import type { HeldRecords, TakenOut } from './view.js';

@Injectable()
export class OwnRecordsService {
  constructor(
    @Inject(POLICY_BOOK) private readonly book: PolicyBook,
    private readonly holdings: HoldingsService,
    private readonly deposits: DepositsService,
    private readonly names: NamesService,
  ) {}

  async of(residentId: Uuid): Promise<{ held: HeldRecords[]; takenOut: TakenOut[] }> {
    const [holdings, stripped, source] = await Promise.all([
      this.holdings.holdingsOf(residentId),
      this.deposits.strippedOf(residentId),
      this.names.sourceNames(),
    ]);
    return {
      held: holdings.map(({ category, sourceId, firstDay, lastDay, ...counts }) => ({
        ...counts,
        category: this.names.category(category),
        source: source(sourceId),
        firstDay: startOfDayInJapan(firstDay),
        lastDay: startOfDayInJapan(lastDay),
      })),
      takenOut: stripped.map((one) => ({ ...this.kindOf(one), source: source(one.sourceId) })),
    };
  }

  /** Kinds that the stripping itself names stand in the page's words; one that has left the policy names itself. */
  private kindOf({ kind, category, occurrences, depositedAt }: StrippedNumber): Omit<TakenOut, 'source'> {
    const rule = this.book.forbiddenNumbers.kinds.find((known) => known.kind === kind);
    const own = ownKinds.find((known) => known === kind);
    const name = rule?.name ??
      (own && { ja: recordsText.ja.unchecked[own], en: recordsText.en.unchecked[own] }) ?? { ja: kind, en: kind };
    return {
      kind: { code: kind, name },
      ground: rule?.ground ?? null,
      category: this.names.category(category),
      occurrences,
      lastAt: depositedAt,
    };
  }
}

const ownKinds = ['unreadable-attachment', 'too-deep'] as const;
