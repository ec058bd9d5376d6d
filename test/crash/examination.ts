/**
 * After a crash and a restart: is everything that was answered still true? Nothing here knows how the service works but through its own
 * verifier and, for what no API shows (grants, statutory records), the database itself. Findings are sentences; none means that nothing
 * was lost.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodePairwiseId } from '../../src/kernel/pairwise-id.js';
import { openCheckpoint } from '../../src/transparency-log/checkpoint.js';
import { compareCheckpoints } from '../../src/transparency-log/consistency.js';
import type { Entry } from '../../src/transparency-log/entry.js';
import { parseProof } from '../../src/transparency-log/proof.js';
import { verifyReceipt } from '../../src/transparency-log/receipt.js';
import { checkHistory } from '../race/checker.js';
import { checkEntries, readEntries } from '../race/log-checker.js';
import { checkLogAt, readCheckpointOf, readerAt, trustIn } from '../setup/a-log-reader.js';
import { markersOf, type ReadAnswer } from '../setup/a-walking-program.js';
import type { ServedCity } from './a-served-city.js';
import type { Life } from './life.js';
import type { Load } from './load.js';

/** As many receipts' checkpoints are compared one by one with the log's; the whole-log check looks at all of them. */
const comparisonsMax = 30;

/** @throws nothing that a loss may cause; everything is a finding. */
export async function examine(city: ServedCity, load: Load): Promise<string[]> {
  const log = await examineLog(city, load);
  const indexes = log.entries === null ? [] : examineIndexes(log.entries, load);
  return [
    ...log.findings,
    ...indexes,
    ...(await examineConsents(city, load)),
    ...(await examineJournal(city, load)),
    ...(await examineGrants(city, load)),
    ...examineDeliveries(load),
    ...(await examineReads(city, load)),
  ];
}

async function examineLog(city: ServedCity, load: Load): Promise<{ findings: string[]; entries: Entry[] | null }> {
  const { base, demo } = city;
  const trust = trustIn(demo.log);
  const findings: string[] = [];
  const receipts = load.deliveries.map(({ receipt, index }) => ({
    label: `the receipt of entry ${index}`,
    content: JSON.stringify(receipt),
  }));
  const earlier = [...load.checkpoints].map((content, number) => ({ label: `checkpoint ${number}`, content }));
  const report = await checkLogAt(base, demo.log, { receipts, earlier, now: new Date() });
  findings.push(...report.findings.map(({ code, place }) => `log: ${code} at ${place}`));
  const now = await readCheckpointOf(base, demo.log);
  const reader = readerAt(base, demo.log);
  const step = Math.ceil(load.deliveries.length / comparisonsMax);
  for (const [number, { receipt, life, index }] of load.deliveries.entries()) {
    const verified = verifyReceipt(receipt, trust, { pairwiseId: life.pairwiseId!, program: load.program.id });
    if (!verified.ok) findings.push(`the receipt of entry ${index} does not verify: ${verified.finding.code}`);
    if (number % step !== 0) continue;
    const then = openCheckpoint(parseProof(receipt.proof).checkpoint, trust);
    const finding = await compareCheckpoints(then, now, (level, n, width) => reader.tile(level, n, width));
    if (finding !== null) findings.push(`the log does not continue the receipt of entry ${index}: ${finding.code}`);
  }
  findings.push(...(await examineNumbering(city)));
  return { findings, entries: report.isComplete ? await readEntries(reader, now.size) : null };
}

/** No index is missing or double, in the table itself. */
async function examineNumbering(city: ServedCity): Promise<string[]> {
  const { rows } = await city.asSuperuser((client) =>
    client.query<{ size: string; count: string; distinct: string; last: string }>(
      `SELECT (SELECT size FROM azukari.log_state) AS size, count(*), count(DISTINCT idx) AS distinct, max(idx) AS last FROM azukari.log_entry`,
    ),
  );
  const { size, count, distinct, last } = rows[0]!;
  const isWhole = count === size && distinct === size && Number(last) === Number(size) - 1;
  return isWhole ? [] : [`the log has ${count} entries up to ${last}, but says ${size}`];
}

/** Every act that was answered stands at the index it was answered with, and nowhere else. */
function examineIndexes(entries: readonly Entry[], { lives, program }: Load): string[] {
  const findings: string[] = [];
  const seen = new Set<number>();
  const expect = (index: number, what: string, isRight: (entry: Entry) => boolean) => {
    const entry = entries[index];
    if (entry === undefined || !isRight(entry)) findings.push(`entry ${index} is not the ${what} it was answered for`);
    if (seen.has(index)) findings.push(`entry ${index} was answered twice`);
    seen.add(index);
  };
  const isOf = (state: 'active' | 'withdrawn') => (entry: Entry) =>
    entry.t === 'consent' && entry.program === program.id && entry.state === state;
  for (const { given, withdrawn, deposited } of lives) {
    for (const { index } of given) expect(index, 'consent', isOf('active'));
    for (const { index } of withdrawn) expect(index, 'withdrawal', isOf('withdrawn'));
    for (const { index } of deposited) expect(index, 'deposit', ({ t }) => t === 'deposit');
  }
  return findings.concat(lives.flatMap((life) => examineLife(entries, life, program.id, program.recipient.id)));
}

/** V1 to V4, across all crashes so far. */
function examineLife(entries: readonly Entry[], life: Life, program: string, recipient: string): string[] {
  if (life.pairwiseId === null) return [];
  const subject = { pairwiseId: decodePairwiseId(life.pairwiseId)!, recipient, program };
  const delivered = life.history.flatMap((event) =>
    event.op === 'read' && event.outcome === 'data' ? [event.index] : [],
  );
  const violations = [...checkHistory(life.history), ...checkEntries(entries, subject, delivered)];
  return violations.map(({ rule, message }) => `${rule}: ${message}`);
}

async function examineConsents(city: ServedCity, { http, lives }: Load): Promise<string[]> {
  const findings: string[] = [];
  for (const life of lives) {
    const { session } = city.demo.residents.find(({ login }) => login === life.resident.login)!;
    const headers = { cookie: session };
    const answer = await http.ask(city.base, { path: '/v1/consents', headers });
    if (answer.status !== 200) return [`consents are answered with ${answer.status} ${answer.code}`];
    const { consents } = answer.json as { consents: { id: string; state: string; endLogIndex: number | null }[] };
    const byId = new Map(consents.map((consent) => [consent.id, consent]));
    for (const { consentId } of life.given) {
      if (!byId.has(consentId)) findings.push('an acknowledged consent is gone');
    }
    for (const { consentId, index } of life.withdrawn) {
      const consent = byId.get(consentId);
      if (consent?.state !== 'withdrawn') findings.push(`a withdrawn consent is ${consent?.state ?? 'gone'}`);
      else if (consent.endLogIndex !== index) findings.push('a withdrawal stands at another index than was answered');
    }
    const current = life.consentId === null ? undefined : byId.get(life.consentId);
    if (life.consentId !== null && !life.isInDoubt && current?.state !== 'active') {
      findings.push(`a consent in force is ${current?.state ?? 'gone'}`);
    }
  }
  return findings;
}

async function examineJournal(city: ServedCity, { lives }: Load): Promise<string[]> {
  const text = await readFile(join(city.directory, 'journal', 'withdrawals.ndjson'), 'utf8').catch(() => '');
  const journalled = new Set(text.split('\n').flatMap(consentOf));
  const missing = lives.flatMap(({ withdrawn }) => withdrawn).filter(({ consentId }) => !journalled.has(consentId));
  return missing.map(() => 'an acknowledged withdrawal is not in the journal');
}

/** None, where a full disk has torn the line. */
function consentOf(line: string): string[] {
  try {
    return [(JSON.parse(line) as { consentId: string }).consentId];
  } catch {
    return [];
  }
}

/** Whatever came with data was redeemed, once, and has its statutory record. */
async function examineGrants(city: ServedCity, { deliveries }: Load): Promise<string[]> {
  const { rows } = await city.asSuperuser((client) =>
    client.query<{ idx: string }>(
      `SELECT d.idx FROM unnest($1::bigint[]) AS d (idx)
       LEFT JOIN azukari.provision_grant g ON g.entry_idx = d.idx
       LEFT JOIN azukari.provision_void v ON v.entry_idx = d.idx
       LEFT JOIN statutory.provision_record s ON s.entry_idx = d.idx
       WHERE g.entry_idx IS NOT NULL OR v.entry_idx IS NOT NULL OR s.entry_idx IS NULL`,
      [deliveries.map(({ index }) => index)],
    ),
  );
  return rows.map(
    ({ idx }) => `data was sent for entry ${idx}, but its grant waits or is void, or no statutory record stands for it`,
  );
}

/** What was deposited and answered before a read began is in its answer. */
function examineDeliveries({ deliveries }: Load): string[] {
  return deliveries.flatMap(({ life, markers, startedAt, index }) => {
    const had = new Set(markers);
    if (had.size !== markers.length) return [`the answer of entry ${index} has a record twice`];
    const missing = life.deposited.filter(({ marker, endedAt }) => endedAt < startedAt && !had.has(marker));
    return missing.map(({ marker }) => `the answer of entry ${index} lacks the deposit ${marker}`);
  });
}

/** The next read: everything that was deposited where a consent stands, nothing where none does. */
async function examineReads(city: ServedCity, load: Load): Promise<string[]> {
  const findings: string[] = [];
  const { program } = load;
  const token = await program.token(city.base);
  for (const life of load.lives.filter(({ pairwiseId, isInDoubt }) => pairwiseId !== null && !isInDoubt)) {
    const answer = await program.read(city.base, token, life.pairwiseId!);
    if (life.consentId === null) {
      if (answer.code !== 'consent-withdrawn') findings.push(`after a withdrawal: ${answer.status} ${answer.code}`);
    } else if (answer.status !== 200) findings.push(`with a consent in force: ${answer.status} ${answer.code}`);
    else {
      const markers = markersOf(answer.json as unknown as ReadAnswer);
      const deposited = life.deposited.map(({ marker }) => marker).sort((left, right) => left - right);
      if (markers.join() !== deposited.join()) findings.push(`read ${markers.join()} instead of ${deposited.join()}`);
    }
    // A log that cannot be signed keeps each read waiting for ten seconds: one is enough to know.
    if (answer.status === 503) break;
  }
  return findings;
}
