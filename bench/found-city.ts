/**
 * A city made for measuring: one source, one recipient with one program whose terms set no frequency, residents who all consent to it, and a log
 * of the length wanted. Everything comes about through what a real city uses (see seeder/).
 */
import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import type { INestApplicationContext } from '@nestjs/common';
import type { Pool } from 'pg';
import { BoardService } from '../src/board/board.service.js';
import { asAdmin } from '../src/database/migrate.js';
import { city } from '../src/demo/addresses.js';
import { demoBoard, demoRecipients, demoSources } from '../src/demo/organisations.js';
import type { StepCountPoint } from '../src/demo/steps.js';
import { tourApplication } from '../src/demo/tour-application.js';
import { cookieValue } from '../src/http/session-cookie.js';
import { SessionsService } from '../src/http/sessions.service.js';
import { ProgramsService } from '../src/programs/programs.service.js';
import { RecipientsService } from '../src/recipients/recipients.service.js';
import { SourcesService } from '../src/sources/sources.service.js';
import { registerClientKey } from '../src/tokens/client-keys.js';
import { IndexerService } from '../src/transparency-log/completeness/indexer.service.js';
import { PublicationService } from '../src/transparency-log/publication.service.js';
import { inventAdults } from './seeder/invented-people.js';
import { seedHistory } from './seeder/seed-history.js';
import { seedResidents } from './seeder/seed-residents.js';

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
  /** Entries of the log when it was founded, and how long the index of all of them took. */
  log: { entries: number; indexSeconds: number };
}

export interface FoundingPlan {
  residents: number;
  /** Of each resident. */
  records: number;
  /** How many residents get a session. */
  signedIn: number;
  /** Entries of the log, at least. */
  logEntries: number;
  ownerUrl: string;
}

const purpose = 'care.prevention';
const category = 'activity.steps';
const minimumAge = 18;
/** Of each resident who is signed in, so that their pages are alike in cities of any size. */
const usesOfSignedIn = 10;

export async function foundBenchCity(
  app: INestApplicationContext,
  pool: Pool,
  { residents, records, signedIn, logEntries, ownerUrl }: FoundingPlan,
): Promise<BenchCity> {
  const today = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Tokyo' }).format(new Date());
  const source = await registerSource(app);
  const recipient = await registerRecipient(app, pool);
  const program = await approveProgram(app, recipient.id);
  const people = inventAdults(residents, minimumAge, today);
  const asked = { program, purpose, category, source: source.id };
  const report = reporterOf('residents');
  // Without statistics the plans for a large lot compare everything with everything.
  const analyse = () => asAdmin(ownerUrl, (owner) => owner.query('ANALYZE'));
  const seeded = await seedResidents(app, pool, people, asked, { records, today, report, analyse });
  await analyse();
  const shown = seeded.residents.slice(0, signedIn);
  const history = { ownerUrl, recipient: recipient.id, program, purpose, category, entries: logEntries };
  await seedHistory(app, seeded.residents, { ...history, shown, provisionsOfShown: usesOfSignedIn }, reporterOf('log'));
  const log = await indexAll(app, pool);
  const sessions = app.get(SessionsService);
  return {
    ...{ program, purpose, category, recipient, log },
    source: { token: source.token, sample: seeded.sample, links: seeded.residents.map(({ link }) => link) },
    pairwiseIds: seeded.residents.map(({ pairwiseId }) => pairwiseId),
    signedIn: await Promise.all(
      shown.map(async ({ id, consentId, pairwiseId }) => ({
        ...{ consentId, pairwiseId, session: cookieValue(await sessions.create('resident', id, 60 * 86_400)) },
      })),
    ),
  };
}

/** Waits until everything is signed, and has the index of all of it appended as every night. */
async function indexAll(app: INestApplicationContext, pool: Pool): Promise<BenchCity['log']> {
  const startedAt = performance.now();
  await app.get(IndexerService, { strict: false }).append(null);
  const indexSeconds = (performance.now() - startedAt) / 1000;
  const { rows } = await pool.query<{ size: number }>('SELECT size FROM azukari.log_state');
  const entries = rows[0]!.size;
  const publication = app.get(PublicationService);
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (await publication.covering(entries - 1).catch(() => null)) return { entries, indexSeconds };
  }
  throw new Error('the log was not signed');
}

/** Says on every tenth of the way how far it is. */
function reporterOf(what: string): (done: number) => void {
  let told = 0;
  return (done) => {
    if (done < told + 0.1 && done < 1) return;
    told = done;
    process.stderr.write(`  ${what} ${Math.round(done * 100)} %\n`);
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
