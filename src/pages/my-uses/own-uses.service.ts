/** A resident's own entries of the log as the page shows them: provisions, refusals, own accesses and what staff saw, with names, newest first. */
import { Injectable } from '@nestjs/common';
import type { Uuid } from '../../kernel/ids.js';
import { isUnit } from '../../kernel/pairwise-id.js';
import { ProgramsService } from '../../programs/programs.service.js';
import { type Completeness, CompletenessService } from '../../residents/completeness.service.js';
import { UsesService, type Use as StoredUse } from '../../residents/uses.service.js';
import type { EntryOf } from '../../transparency-log/entry.js';
import { type Named, unnamed } from '../language.js';
import { NamesService } from '../names.service.js';
import { StaffNamesService } from '../staff/staff-names.service.js';
import type { StaffAct, Use } from './view.js';

type Attempt = StoredUse & { readonly entry: EntryOf<'provision'> | EntryOf<'refusal'> };
/** The resident's own, or that of whoever is signed in as them. */
type Own = StoredUse & { readonly entry: EntryOf<'access'> | EntryOf<'export'> };
type ByStaff = StoredUse & { readonly entry: EntryOf<'staff'> };

/** By code. */
type NameOf = (code: string) => Named;

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
      code === 'self' ? unnamed(code) : this.names.recipient(code);
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
    const ofStaff = stored.some(({ entry }) => 'recipient' in entry && isUnit(entry.recipient));
    const staffNames = ofStaff ? await this.staff.everybody() : unnamed;
    const shown = stored.map(async (use) => {
      if (isAttempt(use)) return [await this.show(use, staffNames)];
      if (isByStaff(use)) return [this.showByStaff(use, staffNames)];
      return isOwn(use) ? [this.showOwn(use)] : [];
    });
    const uses = (await Promise.all(shown)).flat();
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

  private showByStaff({ index, place, entry, detail }: ByStaff, nameOf: NameOf): Use {
    return {
      ...{ index, place, voidedBy: null, at: exactTimeOf(entry.at, detail), outcome: 'staff' },
      recipient: nameOf(entry.recipient),
      ...{ program: null, purpose: this.staff.reason(entry.reason), basis: 'consent', reason: null },
      staff: actOf(detail, nameOf),
      categories: entry.categories.map((code) => this.names.category(code)),
      ...{ hasReceipt: detail !== null, isReadable: detail !== null },
    };
  }

  private async show({ index, place, entry, detail, voidedBy }: Attempt, staffNames: NameOf): Promise<Use> {
    const { program: id, version } = entry;
    const program = id === undefined || version === undefined ? null : await this.programs.findVersion(id, version);
    const isProvision = entry.t === 'provision';
    return {
      ...{ index, place, voidedBy, at: exactTimeOf(entry.at, detail) },
      outcome: isProvision ? (voidedBy === null ? 'provided' : 'void') : 'refused',
      recipient: isUnit(entry.recipient) ? staffNames(entry.recipient) : await this.names.recipient(entry.recipient),
      program: program && { id: program.id, title: program.application.title },
      purpose: entry.purpose === undefined ? null : this.names.purpose(entry.purpose),
      categories: (entry.categories ?? []).map((code) => this.names.category(code)),
      basis: program?.application.terms.legalBasis ?? 'consent',
      reason: isProvision ? null : entry.reason,
      staff: isUnit(entry.recipient) ? actOf(detail, staffNames) : null,
      hasReceipt: isProvision && voidedBy === null && detail !== null,
      isReadable: detail !== null,
    };
  }
}

/** Who asked or tried, who else approved it, and what they wrote: as far as it can be read. */
function actOf(detail: StoredUse['detail'], nameOf: NameOf): StaffAct | null {
  const { askedBy, triedBy, approvedBy, explanation } = detail ?? {};
  const who = askedBy ?? triedBy;
  if (typeof who !== 'string') return null;
  return {
    ...{ who: nameOf(who), didAsk: who === askedBy },
    approvedBy: typeof approvedBy === 'string' ? nameOf(approvedBy) : null,
    explanation: typeof explanation === 'string' ? explanation : null,
  };
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
