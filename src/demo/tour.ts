/**
 * The tour: the main job from end to end over real HTTP, one step a line with its time. It drives the service only through what `demo.json`
 * gives to any script, and ends with a verification of the log that trusts nothing but the public key.
 */
import { checkLog } from '../transparency-log/check-log.js';
import { parseVerifierKey } from '../transparency-log/note-key.js';
import { httpReader } from '../transparency-log/http-reader.js';
import { verifyReceipt } from '../transparency-log/receipt.js';
import type { DemoFile } from './demo-file.js';
import { RecipientClient } from './recipient-client.js';
import { tourApplication } from './tour-application.js';

/** Called with each step as it ends. */
export type TourReport = (step: { name: string; result: string; ms: number }) => void;

/** What did not go as it must. */
export class TourFailed extends Error {
  override readonly name = 'TourFailed';
}

interface Journey {
  demo: DemoFile;
  recipient: DemoFile['recipients'][number];
  resident: DemoFile['residents'][number];
  client: RecipientClient;
  program: string;
  /** The resident's name for this recipient. */
  pairwiseId: string;
  consent: string;
  token: string;
}

type Step = readonly [name: string, run: (journey: Journey) => Promise<string>];

const purpose = 'care.prevention';
const categories = ['activity.steps'];

const steps: readonly Step[] = [
  ['a source deposits the resident’s step count', deposit],
  ['the recipient applies with a program', apply],
  ['the resident cannot be asked before the board has decided', askTooEarly],
  ['the board approves it', approve],
  ['the recipient gets an access token', getToken],
  ['without consent the recipient gets nothing', readWithoutConsent],
  ['the resident reads the notice and consents', consent],
  ['the recipient reads, with a receipt that proves the log entry', read],
  ['the resident withdraws', withdraw],
  ['the very next read is refused', readAfterWithdrawal],
  ['the board ends the program', retire],
  ['anyone verifies the whole log with the public key alone', verify],
];

/** @throws TourFailed at the first step that does not go as it must. */
export async function tour(demo: DemoFile, report: TourReport): Promise<void> {
  const recipient = demo.recipients.find(({ id }) => id === 'hamakaze-clinic') ?? demo.recipients[0]!;
  const { clientId, privateJwk } = recipient;
  const journey: Journey = {
    ...{ demo, recipient, resident: demo.residents[0]!, program: '', pairwiseId: '', consent: '', token: '' },
    client: await RecipientClient.create({ issuer: demo.issuer, clientId, privateJwk }),
  };
  for (const [name, run] of steps) {
    const startedAt = performance.now();
    const result = await run(journey);
    report({ name, result, ms: performance.now() - startedAt });
  }
}

async function deposit({ demo, resident }: Journey): Promise<string> {
  const source = demo.sources.find(({ id }) => id === 'minatono-steps')!;
  const link = source.residents.find(({ login }) => login === resident.login)!.resident;
  const today = new Date().toISOString().slice(0, 10);
  const point = {
    header: {
      id: crypto.randomUUID(),
      creation_date_time: `${today}T00:00:00Z`,
      schema_id: { namespace: 'omh', name: 'step-count', version: '3.0' },
    },
    body: {
      step_count: { value: 7200, unit: 'steps' },
      effective_time_frame: {
        time_interval: { start_date_time: `${today}T00:00:00Z`, end_date_time: `${today}T12:00:00Z` },
      },
    },
  };
  const items = [{ resident: link, recordId: point.header.id, date: today, data: point }];
  const answer = await send(
    demo,
    'POST',
    '/v1/deposits',
    { authorization: `Bearer ${source.token}` },
    { category: 'activity.steps', items },
  );
  const { outcome } = (answer.items as { outcome: string }[])[0]!;
  must(outcome === 'stored', `the item was ${outcome}`);
  return `stored; log entry ${String(answer.logIndex)}`;
}

async function apply(journey: Journey): Promise<string> {
  const token = await journey.client.token({ type: 'azukari_application' });
  const draft = await answerOf(await journey.client.fetch(token, 'POST', '/v1/programs', tourApplication()), 201);
  journey.program = draft.id as string;
  const submitted = await answerOf(
    await journey.client.fetch(token, 'POST', `/v1/programs/${journey.program}/submission`),
  );
  must(submitted.status === 'in_review', `the program is ${String(submitted.status)}`);
  return `${journey.program} is in review`;
}

async function askTooEarly({ demo, resident, program }: Journey): Promise<string> {
  const items = categories.map((category) => ({ purpose, category }));
  const body = { program, decision: 'give', items };
  return expectProblem(await request(demo, 'POST', '/v1/consents', { cookie: resident.session }, body), 'not-approved');
}

async function approve({ demo, program }: Journey): Promise<string> {
  const member = demo.board[0]!;
  const reason = { ja: '目的と項目が釣り合っています。', en: 'Purpose and items are in proportion.' };
  const body = { decision: 'approve', reason };
  const decided = await send(demo, 'POST', `/v1/programs/${program}/decision`, { cookie: member.session }, body);
  must(decided.status === 'active', `the program is ${String(decided.status)}`);
  return `approved by ${member.name}`;
}

async function getToken(journey: Journey): Promise<string> {
  journey.token = await journey.client.token({
    type: 'azukari_provision',
    program: journey.program,
    purpose,
    categories,
  });
  return 'five minutes, bound to the recipient’s key';
}

/** The recipient does not know the resident yet; a name it made up hears the same as a real one. */
async function readWithoutConsent(journey: Journey): Promise<string> {
  const stranger = Buffer.alloc(32, 7).toString('base64url');
  return expectProblem(await readOf(journey, stranger), 'no-consent');
}

async function consent(journey: Journey): Promise<string> {
  const { demo, resident, program } = journey;
  const cookie = { cookie: resident.session };
  const notice = await send(demo, 'GET', `/v1/consents/notices/${program}?language=ja`, cookie);
  const items = categories.map((category) => ({ purpose, category }));
  const body = { program, decision: 'give', items, language: 'ja', noticeSha256: notice.sha256 };
  const given = await send(demo, 'POST', '/v1/consents', cookie, body, 201);
  must(given.state === 'active', `the consent is ${String(given.state)}`);
  journey.consent = given.id as string;
  journey.pairwiseId = given.pairwiseId as string;
  return `active; signed receipt of ${String(given.receipt).length} characters`;
}

async function read(journey: Journey): Promise<string> {
  const { demo, recipient, program, pairwiseId } = journey;
  const answer = await answerOf(await readOf(journey, pairwiseId));
  const trust = { origin: demo.log.origin, logKeys: [parseVerifierKey(demo.log.vkey)] };
  const verified = verifyReceipt(
    answer.receipt,
    trust,
    { pairwiseId, recipient: recipient.id, program },
    'the receipt',
  );
  must(verified.ok, 'the receipt does not verify');
  return `${(answer.records as unknown[]).length} records; receipt verified at index ${verified.ok ? verified.index : ''}`;
}

async function withdraw({ demo, resident, consent }: Journey): Promise<string> {
  const { state } = await send(demo, 'POST', `/v1/consents/${consent}/withdrawal`, { cookie: resident.session }, {});
  must(state === 'withdrawn', `the consent is ${String(state)}`);
  return 'withdrawn';
}

async function readAfterWithdrawal(journey: Journey): Promise<string> {
  return expectProblem(await readOf(journey, journey.pairwiseId), 'consent-withdrawn');
}

async function retire({ demo, program }: Journey): Promise<string> {
  const reason = { ja: '見学が終わりました。', en: 'The tour is over.' };
  const ended = await send(
    demo,
    'POST',
    `/v1/programs/${program}/retirement`,
    { cookie: demo.board[0]!.session },
    { reason },
  );
  must(ended.status === 'retired', `the program is ${String(ended.status)}`);
  return 'retired; it stays in the register with its history';
}

async function verify({ demo }: Journey): Promise<string> {
  const trust = { origin: demo.log.origin, logKeys: [parseVerifierKey(demo.log.vkey)] };
  const report = await checkLog(httpReader(`${demo.baseUrl}/log`, demo.log.mirrorToken), trust);
  must(report.findings.length === 0, report.findings.map(({ place, message }) => `${place}: ${message}`).join('; '));
  return `${report.size} entries, every hash recomputed, nothing missing`;
}

function readOf({ client, token, program }: Journey, name: string): Promise<Response> {
  const query = new URLSearchParams({ program, category: categories[0]! });
  return client.fetch(token, 'GET', `/v1/residents/${name}/records?${query.toString()}`);
}

function request(
  demo: DemoFile,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: unknown,
): Promise<Response> {
  return fetch(demo.baseUrl + path, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function send(
  demo: DemoFile,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: unknown,
  status = 200,
) {
  return answerOf(await request(demo, method, path, headers, body), status);
}

async function answerOf(response: Response, status = 200): Promise<Record<string, unknown>> {
  const text = await response.text();
  must(response.status === status, `it answered ${response.status}: ${text.slice(0, 500)}`);
  return JSON.parse(text) as Record<string, unknown>;
}

async function expectProblem(response: Response, code: string): Promise<string> {
  const text = await response.text();
  must(response.status >= 400 && text.includes(`"${code}"`), `it answered ${response.status}: ${text.slice(0, 300)}`);
  return `refused: ${code}`;
}

function must(condition: boolean, sentence: string): void {
  if (!condition) throw new TourFailed(sentence);
}
