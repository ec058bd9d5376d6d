/** Requests of staff, and what was done by them, with names instead of codes. */
import { Inject, Injectable } from '@nestjs/common';
import type { PolicyBook } from '../../policy/policy-book.js';
import { POLICY_BOOK } from '../../policy/policy.module.js';
import type { StaffRequest } from '../../staff/staff-requests.service.js';
import { StaffService } from '../../staff/staff.service.js';
import type { Named } from '../language.js';
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

  /** Names members of staff by their codes, also those who have left; all looked up at once. */
  async members(): Promise<(code: string) => Named> {
    const members = await this.staff.everybody();
    const known = new Map(members.map(({ id, nameJa: ja, nameEn: en }) => [id, { code: id, name: { ja, en } }]));
    return (code) => known.get(code) ?? unnamed(code);
  }

  /** @param viewer the code of whoever looks at them */
  async requests(requests: readonly StaffRequest[], viewer: string): Promise<ShownRequest[]> {
    const [memberOf, units] = await Promise.all([this.members(), this.staff.units()]);
    const unitOf = new Map(units.map(({ id, nameJa: ja, nameEn: en }) => [id, { code: id, name: { ja, en } }]));
    return requests.map(({ unitId, categories, reason, askedBy, decidedBy, ...request }) => ({
      ...request,
      unit: unitOf.get(unitId) ?? unnamed(unitId),
      categories: categories.map((code) => this.names.category(code)),
      reason: this.reason(reason),
      askedBy: memberOf(askedBy),
      decidedBy: decidedBy === null ? null : memberOf(decidedBy),
      isOwn: askedBy === viewer,
    }));
  }
}

function unnamed(code: string): Named {
  return { code, name: { ja: code, en: code } };
}
