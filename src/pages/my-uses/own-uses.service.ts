/** A resident's own entries of the log as the page shows them: provisions, refusals, own accesses and what staff saw, with names, newest first. */
import { Injectable } from '@nestjs/common';
import type { Uuid } from '../../kernel/ids.js';
import { isUnit } from '../../kernel/pairwise-id.js';
import { ProgramsService } from '../../programs/programs.service.js';
import { type Completeness, CompletenessService } from '../../residents/completeness.service.js';
import { UsesService, type Use as StoredUse } from '../../residents/uses.service.js';
import type { EntryOf } from '../../transparency-log/entry.js';
import type { Named } from '../language.js';
import { NamesService } from '../names.service.js';
import { StaffNamesService } from '../staff/staff-names.service.js';
import type { StaffAct, Use } from './view.js';

type Attempt = StoredUse & { readonly entry: EntryOf<'provision'> | EntryOf<'refusal'> };
/** The resident's own, or that of whoever is signed in as them. */
type Own = StoredUse & { readonly entry: EntryOf<'access'> | EntryOf<'export'> };
type ByStaff = StoredUse & { readonly entry: EntryOf<'staff'> };

@Injectable()
export class OwnUsesService {
  constructor(
    private readonly uses: UsesService,
    private readonly programs: ProgramsService,
    private readonly names: NamesService,
    private readonly proofs: CompletenessService,
    private readonly staff: StaffNamesService,
  ) {}

  /** Whether the list is complete, as has just been verified; recipients by their names. */
  async completeness(residentId: Uuid): Promise<Omit<Completeness, 'foreign'> & { foreign: Named[] }> {
    const { foreign, ...proved } = await this.proofs.of(residentId);
    // `self` is no recipient, and has no name.
    const named = async (code: string): Promise<Named> =>
      code === 'self' ? { code, name: { ja: code, en: code } } : this.names.recipient(code);
    return { ...proved, foreign: await Promise.all(foreign.map(named)) };
  }

  /**
   * @param before an index; null for the newest. @param entriesMax how many entries are looked at, answers to programs among them.
   * `isComplete`: there is nothing older.
   */
  async before(
    residentId: Uuid,
    before: number | null,
    entriesMax: number,
  ): Promise<{ uses: Use[]; isComplete: boolean }> {
    const stored = await this.uses.page(residentId, entriesMax, before);
    const uses: Use[] = [];
    for (const use of stored) {
      if (isAttempt(use)) uses.push(await this.show(use));
      else if (isOwn(use)) uses.push(this.showOwn(use));
      else if (isByStaff(use)) uses.push(await this.showByStaff(use));
    }
    return { uses, isComplete: stored.length < entriesMax };
  }

  /** When each program last received data of this resident, among the newest entries; `isComplete` as above. */
  async lastUses(residentId: Uuid, entriesMax: number): Promise<{ byProgram: Map<string, Date>; isComplete: boolean }> {
    const { uses, isComplete } = await this.before(residentId, null, entriesMax);
    const byProgram = new Map<string, Date>();
    for (const { outcome, program, at } of uses) {
      if (outcome === 'provided' && program && !byProgram.has(program.id)) byProgram.set(program.id, at);
    }
    return { byProgram, isComplete };
  }

  private showOwn({ index, place, entry, detail }: Own): Use {
    const versions = detail?.versions;
    const categories = typeof versions === 'object' && versions !== null ? Object.keys(versions) : [];
    return {
      ...{ index, place, voidedBy: null, at: exactTimeOf(entry.at, detail) },
      outcome: entry.t,
      ...{ recipient: null, program: null, purpose: null, basis: 'consent', reason: null, staff: null },
      categories: categories.map((code) => this.names.category(code)),
      ...{ hasReceipt: detail !== null, isReadable: detail !== null },
    };
  }

  private async showByStaff({ index, place, entry, detail }: ByStaff): Promise<Use> {
    return {
      ...{ index, place, voidedBy: null, at: exactTimeOf(entry.at, detail), outcome: 'staff' },
      recipient: await this.names.recipient(entry.recipient),
      ...{ program: null, purpose: this.staff.reason(entry.reason), basis: 'consent', reason: null },
      staff: await this.actOf(detail?.approvedBy, detail),
      categories: entry.categories.map((code) => this.names.category(code)),
      ...{ hasReceipt: detail !== null, isReadable: detail !== null },
    };
  }

  /** Who asked, who else approved it, and what they wrote: as far as it can be read. */
  private async actOf(approvedBy: unknown, detail: StoredUse['detail']): Promise<StaffAct | null> {
    const who = detail?.askedBy ?? detail?.triedBy;
    if (typeof who !== 'string') return null;
    const memberOf = await this.staff.members();
    return {
      ...{ who: memberOf(who), didAsk: detail?.askedBy === who },
      approvedBy: typeof approvedBy === 'string' ? memberOf(approvedBy) : null,
      explanation: typeof detail?.explanation === 'string' ? detail.explanation : null,
    };
  }

  private async show({ index, place, entry, detail, voidedBy }: Attempt): Promise<Use> {
    const { program: id, version } = entry;
    const program = id === undefined || version === undefined ? null : await this.programs.findVersion(id, version);
    const isProvision = entry.t === 'provision';
    return {
      ...{ index, place, voidedBy, at: exactTimeOf(entry.at, detail) },
      outcome: isProvision ? (voidedBy === null ? 'provided' : 'void') : 'refused',
      recipient: await this.names.recipient(entry.recipient),
      program: program && { id: program.id, title: program.application.title },
      purpose: entry.purpose === undefined ? null : this.names.purpose(entry.purpose),
      categories: (entry.categories ?? []).map((code) => this.names.category(code)),
      basis: program?.application.terms.legalBasis ?? 'consent',
      reason: isProvision ? null : entry.reason,
      staff: entry.t === 'refusal' && isUnit(entry.recipient) ? await this.actOf(null, detail) : null,
      hasReceipt: isProvision && voidedBy === null && detail !== null,
      isReadable: detail !== null,
    };
  }
}

function isOwn(use: StoredUse): use is Own {
  return use.entry.t === 'access' || use.entry.t === 'export';
}

function isByStaff(use: StoredUse): use is ByStaff {
  return use.entry.t === 'staff';
}

function isAttempt(use: StoredUse): use is Attempt {
  return use.entry.t === 'provision' || use.entry.t === 'refusal';
}

/** The log tells the minute; what only the resident can open may tell the instant. */
function exactTimeOf(minute: string, detail: Readonly<Record<string, unknown>> | null): Date {
  const exact = typeof detail?.at === 'string' ? new Date(detail.at) : null;
  return exact && !Number.isNaN(exact.getTime()) ? exact : new Date(minute);
}
