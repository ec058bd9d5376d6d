/**
 * A city made for measuring: one source, one recipient with one program whose terms set no frequency, and residents who all consent to it.
 * Everything comes about through the services that a real city uses.
 */
import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import type { INestApplicationContext } from '@nestjs/common';
import type { Pool } from 'pg';
import { BoardService } from '../src/board/board.service.js';
import { ConsentsService } from '../src/consents/consents.service.js';
import { inTransaction } from '../src/database/pool.js';
import { city } from '../src/demo/addresses.js';
import { addDays } from '../src/demo/days.js';
import { demoBoard, demoRecipients, demoSources } from '../src/demo/organisations.js';
import { type DemoPerson, demoPeople } from '../src/demo/people.js';
import { Random } from '../src/demo/random.js';
import { makeSteps, type StepCountPoint } from '../src/demo/steps.js';
import { tourApplication } from '../src/demo/tour-application.js';
import { cookieValue } from '../src/http/session-cookie.js';
import { SessionsService } from '../src/http/sessions.service.js';
import { encodePairwiseId } from '../src/kernel/pairwise-id.js';
import { ProgramsService } from '../src/programs/programs.service.js';
import { RecipientsService } from '../src/recipients/recipients.service.js';
import { ageBandOf } from '../src/residents/age-band.js';
import { ResidentsService } from '../src/residents/residents.service.js';
import { SourcesService } from '../src/sources/sources.service.js';
import { registerClientKey } from '../src/tokens/client-keys.js';
import { type DepositItem, DepositsService } from '../src/vault/deposits.service.js';

export interface BenchCity {
  program: string;
  purpose: string;
  category: string;
  recipient: { id: string; clientId: string; privateJwk: JsonWebKey & { kid: string } };
  source: {
    token: string;
    /** How the source names each resident. */
    links: string[];
    /** A record as this source deposits them. */
    sample: StepCountPoint;
  };
  /** Of those who consent, as the recipient knows them. */
  pairwiseIds: string[];
  /** Some of them, signed in. `session` is a `Cookie` header. */
  signedIn: { session: string; consentId: string; pairwiseId: string }[];
}

export interface FoundingPlan {
  residents: number;
  /** Of each resident. */
  records: number;
  /** How many residents get a session. */
  signedIn: number;
}

const purpose = 'care.prevention';
const category = 'activity.steps';
const minimumAge = 18;

interface Founded {
  app: INestApplicationContext;
  pool: Pool;
  today: string;
}

export async function foundBenchCity(
  app: INestApplicationContext,
  pool: Pool,
  { residents, records, signedIn }: FoundingPlan,
): Promise<BenchCity> {
  const today = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Tokyo' }).format(new Date());
  const founded = { app, pool, today };
  const source = await registerSource(app);
  const recipient = await registerRecipient(app, pool);
  const program = await approveProgram(app, recipient.id);
  // A fifth of the invented people are children.
  const adults = demoPeople(residents * 2, today).filter(({ age }) => age >= minimumAge);
  const people = adults.slice(0, residents);
  const ids = await registerResidents(app, people, today);
  const deposited = await depositSteps(founded, source.id, people, ids, records);
  const consents = await consentAll(founded, program, ids);
  const sessions = app.get(SessionsService);
  return {
    ...{ program, purpose, category, recipient, source: { token: source.token, ...deposited } },
    pairwiseIds: consents.map(({ pairwiseId }) => pairwiseId),
    signedIn: await Promise.all(
      consents.slice(0, signedIn).map(async (consent, position) => ({
        ...consent,
        session: cookieValue(await sessions.create('resident', ids[position]!, 3600)),
      })),
    ),
  };
}

async function registerSource(app: INestApplicationContext): Promise<{ id: string; token: string }> {
  const { id, name, categories } = demoSources.find((candidate) => candidate.categories.includes(category))!;
  const names = { nameJa: name.ja, nameEn: name.en };
  const { municipalityCode } = city;
  return { id, token: await app.get(SourcesService).register({ id, ...names, municipalityCode, categories }) };
}

async function registerRecipient(app: INestApplicationContext, pool: Pool): Promise<BenchCity['recipient']> {
  const { id, name, kind, country } = demoRecipients[0]!;
  const names = { nameJa: name.ja, nameEn: name.en };
  await app.get(RecipientsService).register({ id, kind, country, ...names, municipalityCode: city.municipalityCode });
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { clientId, kid } = await registerClientKey(pool, id, publicKey.export({ format: 'jwk' }));
  return { id, clientId, privateJwk: { ...privateKey.export({ format: 'jwk' }), kid } };
}

async function approveProgram(app: INestApplicationContext, recipientId: string): Promise<string> {
  const programs = app.get(ProgramsService);
  const member = demoBoard[0]!;
  const [name, calling] = [member.name, member.calling];
  await app.get(BoardService).appoint({
    ...{ id: member.id, nameJa: name.ja, nameEn: name.en, capacityJa: calling.ja, capacityEn: calling.en },
    interests: [],
  });
  const { id } = await programs.saveDraft(recipientId, tourApplication());
  await programs.submit(recipientId, id);
  const reason = { ja: '計測のための承認です。', en: 'Approved for measuring.' };
  await programs.decide(id, { memberId: member.id, decision: 'approve', reason });
  return id;
}

async function registerResidents(
  app: INestApplicationContext,
  people: readonly DemoPerson[],
  today: string,
): Promise<string[]> {
  const ids: string[] = [];
  for (let from = 0; from < people.length; from += 200) {
    const some = people.slice(from, from + 200).map(({ login, name, birthDate }) => ({
      ...({ kind: 'resident', municipalityCode: city.municipalityCode, login, name, language: 'ja' } as const),
      ...ageBandOf(birthDate, today),
    }));
    ids.push(...(await app.get(ResidentsService).register(some)));
  }
  return ids;
}

async function depositSteps(
  { app, pool, today }: Founded,
  source: string,
  people: readonly DemoPerson[],
  ids: readonly string[],
  records: number,
): Promise<{ links: string[]; sample: StepCountPoint }> {
  const deposits = app.get(DepositsService);
  const items: DepositItem[] = [];
  const links: string[] = [];
  let sample: StepCountPoint | null = null;
  for (const [position, person] of people.entries()) {
    const link = await deposits.authorise(ids[position]!, source, [category], 'consent');
    links.push(encodePairwiseId(link));
    const random = new Random(`bench/${person.number}`);
    // The generator makes a fortnight at a time.
    const made = Array.from({ length: Math.ceil(records / 14) }, (_, fortnight) =>
      makeSteps(person, random, addDays(today, -14 * fortnight)).reverse(),
    );
    for (const { onDate, data } of made.flat().slice(0, records)) {
      sample ??= data;
      items.push({ resident: encodePairwiseId(link), recordId: data.header.id, date: onDate, data });
    }
  }
  for (let from = 0; from < items.length; from += 500) {
    const prepared = await deposits.prepare(source, category, items.slice(from, from + 500));
    const { items: outcomes } = await inTransaction(pool, (transaction) => deposits.store(transaction, prepared));
    const bad = outcomes.find(({ outcome }) => outcome !== 'stored');
    if (bad) throw new Error(`a record was not stored: ${JSON.stringify(bad)}`);
  }
  deposits.settled();
  return { links, sample: sample! };
}

async function consentAll({ app, pool }: Founded, programId: string, ids: readonly string[]) {
  const consents = app.get(ConsentsService);
  const answer = { programId, decision: 'give', items: [{ purpose, category }], language: 'ja' } as const;
  const given: { consentId: string; pairwiseId: string }[] = [];
  for (const id of ids) {
    const prepared = await consents.prepare(id, answer, new Date());
    const { consentId, pairwiseId } = await inTransaction(pool, (transaction) =>
      consents.record(transaction, prepared),
    );
    given.push({ consentId, pairwiseId: pairwiseId! });
  }
  consents.settled();
  return given;
}
