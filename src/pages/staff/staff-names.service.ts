/** Requests of staff, and what was done by them, with names instead of codes. */
import { Inject, Injectable } from '@nestjs/common';
import type { PolicyBook } from '../../policy/policy-book.js';
import { POLICY_BOOK } from '../../policy/policy.module.js';
import type { StaffRequest } from '../../staff/staff-requests.service.js';
import { StaffService } from '../../staff/staff.service.js';
import { type Named, unnamed } from '../language.js';
import { NamesService } from '../names.service.js';
import type { Category } from '../terms.js';
import type { ShownRequest } from './view.js';

@Injectable()
export class StaffNamesService {
  constructor(
    private readonly staff: StaffService,
    private readonly names: NamesService,
    @Inject(POLICY_BOOK) private readonly book: PolicyBook,
  ) {}

  category(code: string): Category {
    return this.names.category(code);
  }

  /** A code that has left the policy names itself. */
  reason(code: string): Named {
    return this.book.staffReasons.get(code) ?? unnamed(code);
  }

  /** Names units and members of staff by their codes, also those who have left; all looked up at once. */
  async everybody(): Promise<(code: string) => Named> {
    const named = (await Promise.all([this.staff.units(), this.staff.everybody()])).flat();
    const known = new Map(named.map(({ id, nameJa: ja, nameEn: en }) => [id, { code: id, name: { ja, en } }]));
    return (code) => known.get(code) ?? unnamed(code);
  }

  /** @param viewer the code of whoever looks at them */
  async requests(requests: readonly StaffRequest[], viewer: string): Promise<ShownRequest[]> {
    const nameOf = await this.everybody();
    return requests.map(({ unitId, categories, reason, askedBy, decidedBy, ...request }) => ({
      ...request,
      unit: nameOf(unitId),
      categories: categories.map((code) => this.names.category(code)),
      reason: this.reason(reason),
      askedBy: nameOf(askedBy),
      decidedBy: decidedBy === null ? null : nameOf(decidedBy),
      isOwn: askedBy === viewer,
    }));
  }
}
