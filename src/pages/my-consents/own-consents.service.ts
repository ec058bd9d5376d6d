/** A resident's answers and choices as the pages show them, with names and the time of the last use. */
import { Injectable } from '@nestjs/common';
import { decodeItem, type Consent as StoredConsent } from '../../consents/consent.entity.js';
import { ConsentsService } from '../../consents/consents.service.js';
import { OffersService } from '../../consents/offers.service.js';
import { isUuid, type Uuid } from '../../kernel/ids.js';
import { Mistake } from '../../kernel/errors.js';
import type { Program } from '../../programs/program.entity.js';
import { ProgramsService } from '../../programs/programs.service.js';
import { type EntryPlace, placeIn } from '../../transparency-log/city-logs.js';
import { LogStoreService } from '../../transparency-log/log-store.service.js';
import type { Language } from '../language.js';
import { OwnUsesService } from '../my-uses/own-uses.service.js';
import { NamesService } from '../names.service.js';
import type { Consent, ConsentItem, OpenProgram } from './own-consent.js';

/** Entries looked at for the time of the last use. */
const entriesMax = 1000;

export interface OwnConsent {
  readonly consent: Consent;
  readonly retentionDays: number;
  /** Of the newest entry about it. */
  readonly logPlace: EntryPlace;
  /** What the consent before it covered and it does not. */
  readonly withdrawn: readonly ConsentItem[];
  /** Id of the consent in force that took its place. */
  readonly current: string | null;
}

@Injectable()
export class OwnConsentsService {
  constructor(
    private readonly consents: ConsentsService,
    private readonly offers: OffersService,
    private readonly programs: ProgramsService,
    private readonly uses: OwnUsesService,
    private readonly names: NamesService,
    private readonly log: LogStoreService,
  ) {}

  /** Newest first. */
  async all(residentId: Uuid): Promise<Consent[]> {
    const [stored, lastUses] = await Promise.all([
      this.consents.allOf(residentId),
      this.uses.lastUses(residentId, entriesMax),
    ]);
    return Promise.all(stored.map((consent) => this.show(consent, lastUses)));
  }

  /** Throws `not-found` when there is none, or it is another resident's. */
  async require(residentId: Uuid, id: string): Promise<OwnConsent> {
    if (!isUuid(id)) throw new Mistake('not-found', 'there is no such consent of yours');
    const stored = await this.consents.require(residentId, id);
    const [program, lastUses, all] = await Promise.all([
      this.programOf(stored),
      this.uses.lastUses(residentId, entriesMax),
      this.consents.allOf(residentId),
    ]);
    const before = all.find((one) => one.id === stored.supersedes)?.items ?? [];
    const current = all.find((one) => one.programId === stored.programId && isInForce(one.state));
    return {
      withdrawn: this.group(before.filter((item) => !stored.items.includes(item)).map(decodeItem)),
      current: stored.state === 'superseded' ? (current?.id ?? null) : null,
      consent: await this.show(stored, lastUses),
      retentionDays: program.application.terms.retentionDays,
      logPlace: placeIn(await this.log.logs(), stored.endLogIndex ?? stored.logIndex),
    };
  }

  /** What the resident may answer now and has not agreed to: whatever the policy would refuse for them is not offered. */
  async open(residentId: Uuid, language: Language): Promise<OpenProgram[]> {
    const [active, answers] = await Promise.all([this.programs.register(), this.consents.allOf(residentId)]);
    const agreed = new Set(answers.filter(({ state }) => isInForce(state)).map(({ programId }) => programId));
    const open = active.filter(({ id, status }) => status === 'active' && !agreed.has(id));
    const found = await Promise.all(open.map((program) => this.offer(residentId, program, language)));
    return found.filter((offer) => offer !== null);
  }

  private async offer(residentId: Uuid, program: Program, language: Language): Promise<OpenProgram | null> {
    try {
      const offer = await this.offers.require(residentId, program.id, language);
      const { items, ...terms } = program.application.terms;
      const allowed = items.filter((item) => this.mayChoose(offer, `${item.purpose}/${item.category}`));
      if (allowed.length === 0 || terms.legalBasis !== 'consent') return null;
      const { title, explanation } = program.application;
      const recipient = await this.names.recipient(program.recipientId);
      return { id: program.id, title, explanation, recipient, items: this.group(allowed) };
    } catch (error) {
      if (error instanceof Mistake && (error.code === 'not-approved' || error.code === 'not-found')) return null;
      throw error;
    }
  }

  private mayChoose(offer: Parameters<OffersService['requireItems']>[0], item: string): boolean {
    try {
      this.offers.requireItems(offer, [item]);
      return true;
    } catch (error) {
      if (error instanceof Mistake && error.code === 'policy-forbids') return false;
      throw error;
    }
  }

  private async programOf({ programId, programVersion }: StoredConsent): Promise<Program> {
    return (await this.programs.findVersion(programId, programVersion)) ?? this.programs.requireNewest(programId);
  }

  private async show(
    stored: StoredConsent,
    { byProgram, isComplete }: Awaited<ReturnType<OwnUsesService['lastUses']>>,
  ): Promise<Consent> {
    const { id, state, givenAt: answeredAt, endsAt, endedAt } = stored;
    const isRefusal = state === 'refused';
    const program = await this.programOf(stored);
    const isSuspended = (await this.programs.requireNewest(program.id)).status === 'suspended';
    return {
      ...{ id, state, answeredAt, endedAt, until: isRefusal ? null : endsAt },
      recipient: await this.names.recipient(stored.recipientId),
      program: { id: program.id, title: program.application.title, isSuspended },
      // A refusal names nothing; what was refused is all that the program asked for.
      items: this.group(isRefusal ? program.application.terms.items : stored.items.map(decodeItem)),
      lastUse: byProgram.get(program.id) ?? (isComplete ? 'never' : 'unknown'),
    };
  }

  private group(items: readonly { readonly purpose: string; readonly category: string }[]): ConsentItem[] {
    const byPurpose = Map.groupBy(items, ({ purpose }) => purpose);
    return [...byPurpose].map(([purpose, own]) => ({
      purpose: this.names.purpose(purpose),
      categories: own.map(({ category }) => this.names.category(category)),
    }));
  }
}

function isInForce(state: StoredConsent['state']): boolean {
  return state === 'active' || state === 'paused';
}
