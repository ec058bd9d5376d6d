/**
 * Founds the demo city through the same services everything else uses: organisations register, recipients apply, the board decides, sources
 * deposit, residents consent. Nothing is put into the database by a shortcut.
 */
import { generateKeyPairSync } from 'node:crypto';
import type { INestApplicationContext } from '@nestjs/common';
import type { Pool } from 'pg';
import { BoardService } from '../board/board.service.js';
import { ConsentsService } from '../consents/consents.service.js';
import { SIGNER_POOL } from '../database/connections.js';
import { inTransaction } from '../database/pool.js';
import { inParallel } from '../kernel/in-parallel.js';
import { decodePairwiseId, encodePairwiseId } from '../kernel/pairwise-id.js';
import { ProgramsService } from '../programs/programs.service.js';
import { DoorService } from '../provision/door.service.js';
import { RecipientsService } from '../recipients/recipients.service.js';
import { ageBandOf } from '../residents/age-band.js';
import { ResidentsService } from '../residents/residents.service.js';
import { SourcesService } from '../sources/sources.service.js';
import { appointStaff, registerUnit } from '../staff/staff-register.js';
import { registerClientKey } from '../tokens/client-keys.js';
import { DepositsService } from '../vault/deposits.service.js';
import { city } from './addresses.js';
import type { DemoFile } from './demo-file.js';
import type { DemoProgram } from './demo-program.js';
import { type DemoDeposit, demoDeposits } from './deposits.js';
import { demoBoard, demoRecipients, demoSources, demoStaff, demoUnits } from './organisations.js';
import { type DemoPerson, demoPeople } from './people.js';
import { demoPrograms } from './programs.js';
import { Random } from './random.js';

export const demoSeed = 'minatono/v1';
export const shownResidents = 10;
/** Commits that wait for the disk at the same time. */
const lanes = 8;

/** Told how far the founding is: whole sentences, and shares from 0 to 1. */
export type Report = (step: string, done: number) => void;

/** What a founding leaves for the demo file; sessions and addresses come at each start. */
export type FoundedDemo = Pick<DemoFile, 'recipients' | 'sources'> & {
  residents: { id: string; name: string; login: string }[];
  board: { id: string; name: string }[];
  staff: { id: string; name: string; unit: string }[];
};

interface FoundedPerson {
  person: DemoPerson;
  id: string;
}

/** @param count residents, 10 or more. @param today `YYYY-MM-DD`. */
export async function foundDemo(
  app: INestApplicationContext,
  pool: Pool,
  { count, today, report }: { count: number; today: string; report: Report },
): Promise<FoundedDemo> {
  report('organisations', 0);
  const sources = await registerSources(app);
  const keys = await registerRecipients(app, pool);
  for (const { id, name, calling } of demoBoard) {
    await app.get(BoardService).appoint({
      ...{ id, nameJa: name.ja, nameEn: name.en, capacityJa: calling.ja, capacityEn: calling.en },
      interests: [],
    });
  }
  await registerStaff(app.get<Pool>(SIGNER_POOL));
  report('programs', 0);
  const programs = await foundPrograms(app, demoPrograms(today));
  const people = await registerPeople(app, demoPeople(count, today), today, report);
  const links = await authoriseSources(app, people, report);
  await depositAll(app, pool, people, links, today, report);
  await useSome(app, await consentAll(app, pool, people, programs, report));
  // A program is suspended only after people could consent to it: that is how it happens.
  for (const { id, program } of programs) {
    if (program.suspension === null) continue;
    await app.get(ProgramsService).changeStatus(id, 'suspended', { ...program.suspension, actor: demoBoard[0]!.id });
  }
  const shown = people.slice(0, shownResidents);
  return {
    recipients: keys.map(({ id, clientId, privateJwk }) => ({
      ...{ id, clientId, privateJwk },
      programs: programs.filter(({ program }) => program.application.recipient.id === id).map(programOf),
    })),
    sources: sources.map(({ id, token, categories }) => ({
      ...{ id, token, categories },
      residents: shown.map(({ person }) => ({ login: person.login, resident: links.get(`${id}/${person.number}`)! })),
    })),
    // Those who can consent to everything first: a script that takes the first meets no age limit.
    residents: shown
      .toSorted((a, b) => Number(b.person.age >= 18) - Number(a.person.age >= 18))
      .map(({ person, id }) => ({ id, name: person.name, login: person.login })),
    board: demoBoard.map(({ id, name }) => ({ id, name: name.ja })),
    staff: demoStaff.map(({ id, name, unit }) => ({ id, name: name.ja, unit })),
  };
}

async function registerStaff(signer: Pool): Promise<void> {
  for (const { id, name } of demoUnits) await registerUnit(signer, { id, nameJa: name.ja, nameEn: name.en });
  for (const { id, unit, name } of demoStaff) {
    await appointStaff(signer, { id, unitId: unit, nameJa: name.ja, nameEn: name.en });
  }
}

async function registerSources(app: INestApplicationContext) {
  const registered = [];
  for (const { id, name, categories } of demoSources) {
    const source = { id, nameJa: name.ja, nameEn: name.en, municipalityCode: city.municipalityCode, categories };
    registered.push({ id, token: await app.get(SourcesService).register(source), categories: [...categories] });
  }
  return registered;
}

async function registerRecipients(app: INestApplicationContext, pool: Pool) {
  const registered = [];
  for (const { id, name, kind, country } of demoRecipients) {
    const names = { nameJa: name.ja, nameEn: name.en };
    await app.get(RecipientsService).register({ id, kind, country, ...names, municipalityCode: city.municipalityCode });
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { clientId, kid } = await registerClientKey(pool, id, publicKey.export({ format: 'jwk' }));
    registered.push({ id, clientId, privateJwk: { ...privateKey.export({ format: 'jwk' }), kid, alg: 'ES256' } });
  }
  return registered;
}

type FoundedProgram = { id: string; program: DemoProgram };

async function foundPrograms(
  app: INestApplicationContext,
  programs: readonly DemoProgram[],
): Promise<FoundedProgram[]> {
  const service = app.get(ProgramsService);
  const founded: FoundedProgram[] = [];
  for (const program of programs) {
    const { recipient, ...application } = program.application;
    const { id } = await service.saveDraft(recipient.id, structuredClone(application) as never);
    await service.submit(recipient.id, id);
    if (program.decision) {
      const { memberId, outcome, reason } = program.decision;
      await service.decide(id, { memberId, decision: outcome === 'approved' ? 'approve' : 'refuse', reason });
    }
    founded.push({ id, program });
  }
  return founded;
}

function programOf({ id, program }: FoundedProgram): DemoFile['recipients'][number]['programs'][number] {
  const { items } = program.application.terms;
  const categories = [...new Set(items.map((item) => item.category))].sort();
  return { id, name: program.name, purpose: items[0]!.purpose, categories, status: program.status };
}

async function registerPeople(app: INestApplicationContext, people: DemoPerson[], today: string, report: Report) {
  const founded: FoundedPerson[] = [];
  for (let from = 0; from < people.length; from += 200) {
    const some = people.slice(from, from + 200);
    const ids = await app.get(ResidentsService).register(
      some.map(({ login, name, language, birthDate }) => ({
        ...({
          kind: 'resident',
          municipalityCode: city.municipalityCode,
          login,
          name,
          ...ageBandOf(birthDate, today),
        } as const),
        language: language === 'en' || language === 'ja-Hira' ? language : 'ja',
      })),
    );
    founded.push(...some.map((person, position) => ({ person, id: ids[position]! })));
    report('residents', founded.length / people.length);
  }
  return founded;
}

/** Every source may deposit about everybody. Returns how each names them, by `source/number`. */
async function authoriseSources(app: INestApplicationContext, people: readonly FoundedPerson[], report: Report) {
  const links = new Map<string, string>();
  await inParallel(people, lanes, async ({ person, id }, position) => {
    for (const source of demoSources) {
      const basis = source.id === 'minatono-register' ? 'law' : 'consent';
      const link = await app.get(DepositsService).authorise(id, source.id, source.categories, basis);
      links.set(`${source.id}/${person.number}`, encodePairwiseId(link));
    }
    if (position % 100 === 99) report('authorisations', (position + 1) / people.length);
  });
  return links;
}

async function depositAll(
  app: INestApplicationContext,
  pool: Pool,
  people: readonly FoundedPerson[],
  links: ReadonlyMap<string, string>,
  today: string,
  report: Report,
): Promise<void> {
  const service = app.get(DepositsService);
  const atOnce = 100;
  for (let from = 0; from < people.length; from += atOnce) {
    const deliveries = new Map<string, { deposit: DemoDeposit; resident: string }[]>();
    for (const { person } of people.slice(from, from + atOnce)) {
      for (const deposit of demoDeposits(person, demoSeed, today)) {
        const key = `${deposit.source} ${deposit.category}`;
        const resident = links.get(`${deposit.source}/${person.number}`)!;
        deliveries.set(key, [...(deliveries.get(key) ?? []), { deposit, resident }]);
      }
    }
    for (const [key, items] of deliveries) {
      const [source, category] = key.split(' ') as [string, string];
      const prepared = await service.prepare(
        source,
        category,
        items.map(({ deposit, resident }) => ({
          ...{ resident, recordId: deposit.recordId, date: deposit.onDate, data: deposit.data },
        })),
      );
      const { items: outcomes } = await inTransaction(pool, (transaction) => service.store(transaction, prepared));
      const bad = outcomes.find(({ outcome }) => outcome !== 'stored');
      if (bad) throw new Error(`a record of the demo was not stored (${source}, ${category}): ${JSON.stringify(bad)}`);
    }
    report('deposits', Math.min(1, (from + atOnce) / people.length));
  }
  service.settled();
}

/** Adults consent to some of what they can be asked; the first ten to what makes a good demonstration. Returns the consents of the ten. */
async function consentAll(
  app: INestApplicationContext,
  pool: Pool,
  people: readonly FoundedPerson[],
  programs: readonly FoundedProgram[],
  report: Report,
): Promise<ShownConsent[]> {
  const shown: ShownConsent[] = [];
  const service = app.get(ConsentsService);
  const askable = programs.filter(({ program }) => ['active', 'suspended'].includes(program.status));
  const now = new Date();
  await inParallel(people, lanes, async ({ person, id }, position) => {
    const random = new Random(`${demoSeed}/consents/${person.number}`);
    for (const { id: programId, program } of askable) {
      const { minimumAge, items } = program.application.terms;
      if (person.age < Math.max(18, minimumAge)) continue;
      const isShown = position < shownResidents;
      // The ten who are shown leave the first program open: consenting to it is what a visitor tries.
      const wants = isShown ? program !== askable[0]!.program && position % 2 === 0 : random.chance(0.4);
      const refuses = !wants && !isShown && random.chance(0.1);
      if (!wants && !refuses) continue;
      const decision = wants ? ('give' as const) : ('refuse' as const);
      const language = person.language === 'en' ? 'en' : 'ja';
      const prepared = await service.prepare(id, { programId, decision, items, language }, now);
      const { pairwiseId } = await inTransaction(pool, (transaction) => service.record(transaction, prepared));
      if (isShown && pairwiseId !== null) shown.push({ programId, program, pairwiseId });
    }
    if (position % 50 === 49) report('consents', (position + 1) / people.length);
  });
  service.settled();
  return shown;
}

interface ShownConsent {
  programId: string;
  program: DemoProgram;
  pairwiseId: string;
}

/** Recipients read about the residents who are shown, through the door like everybody: so that their pages have something to tell. */
async function useSome(app: INestApplicationContext, consents: readonly ShownConsent[]): Promise<void> {
  for (const { programId, program, pairwiseId } of consents) {
    const { recipient, terms } = program.application;
    const { purpose } = terms.items[0]!;
    const categories = terms.items.filter((item) => item.purpose === purpose).map(({ category }) => category);
    const item = { recipientId: recipient.id, pairwiseId: decodePairwiseId(pairwiseId)!, programId, purpose };
    const answer = await app
      .get(DoorService)
      .pass({ ...item, categories: categories.toSorted(), from: null, to: null });
    if ('reason' in answer) throw new Error(`a read of the demo was refused: ${answer.reason}`);
  }
}
