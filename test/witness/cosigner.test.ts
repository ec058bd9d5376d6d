/**
 * The log's side of the witness protocol against witnesses that are honest, behind, ahead, slow, dead or lying: nothing is believed but a verified
 * signature, nobody delays the others, and nobody is asked anything but what the policy says.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { utf8 } from '../../src/kernel/bytes.js';
import { fromBase64 } from '../../src/transparency-log/base64.js';
import { cosign } from '../../src/transparency-log/cosignature.js';
import { signatureLine } from '../../src/transparency-log/note.js';
import { generateNoteKey, parseSigningKey, type SigningKey } from '../../src/transparency-log/note-key.js';
import { Cosigner } from '../../src/transparency-log/witness/cosigner.js';
import { parseAddCheckpoint } from '../../src/transparency-log/witness/add-checkpoint.js';
import { Witness } from '../../src/transparency-log/witness/witness.js';
import { parseWitnessPolicy, type WitnessPolicy } from '../../src/transparency-log/witness/witness-policy.js';
import { witnessServer } from '../../src/transparency-log/witness/witness-server.js';
import { WitnessState } from '../../src/transparency-log/witness/witness-state.js';
import { aTemporaryDirectory } from '../setup/leftovers.js';
import { GrowingLog } from './a-growing-log.js';

const log = new GrowingLog();
/** The deadline is long, so that a busy machine is not taken for a dead witness. */
const limits = { deadlineMs: 20_000, backOffMs: 40, backOffMaxMs: 80 };
const open = new Set<Server>();
const states = new Set<WitnessState>();
const textOf = (note: string) => note.slice(0, note.indexOf('\n\n') + 1);
const nowSeconds = () => Math.floor(Date.now() / 1000);

afterEach(async () => {
  for (const server of open) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  open.clear();
  for (const state of states) state.close();
  states.clear();
});

interface Seat {
  readonly vkey: string;
  readonly key: SigningKey;
  readonly url: string;
  /** Bodies of the requests it got. */
  readonly requests: string[];
}

let seatNumber = 0;

async function listening(server: Server): Promise<string> {
  open.add(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The real witness. */
async function honest(delayMs = 0): Promise<Seat & { witness: Witness }> {
  const { skey, vkey } = generateNoteKey(`witness.example/${(seatNumber += 1)}`, 'cosignature');
  const directory = await aTemporaryDirectory();
  WitnessState.create(`${directory}/state`, vkey);
  const state = WitnessState.open(`${directory}/state`, vkey);
  states.add(state);
  const key = parseSigningKey(skey);
  const witness = new Witness(
    key,
    [log.key],
    state,
    () => new Date(),
    () => undefined,
  );
  const server = witnessServer(witness, () => undefined);
  const [answer] = server.listeners('request') as ((...all: unknown[]) => void)[];
  server
    .removeAllListeners('request')
    .on('request', (...all) => void setTimeout(() => answer!(...all), delayMs).unref());
  return { vkey, key, witness, requests: [], url: await listening(server) };
}

type Lie = (
  key: SigningKey,
  checkpoint: string,
  request: number,
) => { status: number; body: string; headers?: Record<string, string> } | null;

/** Somebody who answers what the test says; null: nothing, ever. */
async function liar(lie: Lie): Promise<Seat> {
  const { skey, vkey } = generateNoteKey(`witness.example/${(seatNumber += 1)}`, 'cosignature');
  const key = parseSigningKey(skey);
  const requests: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      requests.push(body);
      const answer = lie(key, parseAddCheckpoint(body).checkpoint, requests.length);
      if (answer) response.writeHead(answer.status, answer.headers).end(answer.body);
    });
  });
  return { vkey, key, requests, url: await listening(server) };
}

async function dead(): Promise<Seat> {
  const seat = await liar(() => null);
  await new Promise((resolve) => [...open].at(-1)!.close(resolve));
  return seat;
}

function policyOf(needed: number, ...seats: Seat[]): WitnessPolicy {
  const lines = seats.map(({ vkey, url }, n) => `witness w${n} ${vkey} ${url}`);
  const group = `group g ${needed} ${seats.map((_, n) => `w${n}`).join(' ')}`;
  return parseWitnessPolicy(utf8(`${[...lines, group, 'quorum g'].join('\n')}\n`));
}

const proveIn = (of: GrowingLog) => (oldSize: number, newSize: number) =>
  Promise.resolve(of.proof(oldSize, newSize).map((line) => fromBase64(line)!));
const headAt = (size: number, of = log) => ({ size, note: of.checkpoint(size) });

function cosigner(policy: WitnessPolicy, deadlineMs = limits.deadlineMs) {
  const said: string[] = [];
  return { said, cosigner: new Cosigner(policy, (sentence) => void said.push(sentence), { ...limits, deadlineMs }) };
}

test('the cosigned note is the log’s, with the lines of a quorum in the order of the policy', async () => {
  const seats = await Promise.all([honest(30), honest(), honest(10)]);
  const note = await cosigner(policyOf(3, ...seats)).cosigner.cosign(headAt(100), proveIn(log));
  const lines = note!.slice(log.checkpoint(100).length).split('\n').slice(0, -1);
  expect(note!.startsWith(log.checkpoint(100))).toBe(true);
  expect(lines.map((line) => line.split(' ')[1])).toEqual(seats.map(({ key }) => key.name));
});

test('a dead, a lying and a slow witness do not keep a quorum from being one, nor make it wait', async () => {
  const lying = await liar((key, note) => ({
    status: 200,
    body: signatureLine(cosign(textOf(note), key, nowSeconds())).replace(/.{6}\n$/, 'AAAA==\n'),
  }));
  const all = [await dead(), lying, await honest(60_000), await honest()];
  const { cosigner: own, said } = cosigner(policyOf(1, ...all));
  const startedAt = Date.now();
  for (const size of [10, 20, 30, 40]) expect(await own.cosign(headAt(size), proveIn(log))).not.toBeNull();
  expect(Date.now() - startedAt).toBeLessThan(10_000);
  own.stop();
  expect(said.filter((sentence) => sentence.includes('w0')).length).toBeGreaterThan(0);
  expect(said.join('\n')).toMatch(
    /witness w1: it answers (no signature lines|without)|its signature is not over this checkpoint/,
  );
});

test('with one dead and one lying of three there is no quorum of two; a slow one makes it in time', async () => {
  const lying = await liar((_key, note) => ({
    status: 200,
    body: signatureLine(cosign(textOf(note), parseSigningKey(generateNoteKey('w', 'cosignature').skey), nowSeconds())),
  }));
  const [gone, good] = [await dead(), await honest()];
  expect(await cosigner(policyOf(2, gone, lying, good)).cosigner.cosign(headAt(10), proveIn(log))).toBeNull();
  const slow = await honest(250);
  expect(await cosigner(policyOf(2, gone, slow, good)).cosigner.cosign(headAt(20), proveIn(log))).not.toBeNull();
});

test('a witness that is behind, or of which nothing is known, catches up with one proof', async () => {
  const seat = await honest();
  const [first, second] = [cosigner(policyOf(1, seat)).cosigner, cosigner(policyOf(1, seat)).cosigner];
  expect(await first.cosign(headAt(37), proveIn(log))).not.toBeNull();
  expect(await second.cosign(headAt(200), proveIn(log))).not.toBeNull();
  // And the first does not know that somebody else has moved it on.
  expect(await first.cosign(headAt(250), proveIn(log))).not.toBeNull();
});

test('a log that went back, or forked, gets no cosignature from an honest witness, and the operator is told', async () => {
  const seat = await honest();
  const { cosigner: own } = cosigner(policyOf(1, seat));
  expect(await own.cosign(headAt(100), proveIn(log))).not.toBeNull();
  const restored = cosigner(policyOf(1, seat));
  expect(await restored.cosigner.cosign(headAt(60), proveIn(log))).toBeNull();
  expect(restored.said).toEqual([expect.stringContaining('it says that it cosigned 100 entries, and the log has 60')]);
  const fork = log.fork(50);
  const forked = cosigner(policyOf(1, seat));
  expect(await forked.cosigner.cosign(headAt(120, fork), proveIn(fork))).toBeNull();
  expect(await own.cosign(headAt(120), proveIn(log))).not.toBeNull();
});

const good = (key: SigningKey, note: string, at = nowSeconds()) => signatureLine(cosign(textOf(note), key, at));
const size = (text: string) => ({ status: 409, body: text, headers: { 'content-type': 'text/x.tlog.size' } });

test.each<[string, Lie, RegExp]>([
  ['is silent', () => null, /does not answer/],
  ['fails', () => ({ status: 500, body: '' }), /answers 500/],
  ['says nothing', () => ({ status: 200, body: '' }), /no signature lines/],
  ['talks without end', (key, note) => ({ status: 200, body: good(key, note).repeat(1_000) }), /too much/],
  ['redirects', () => ({ status: 307, body: '', headers: { location: 'http://127.0.0.1:1/' } }), /does not answer/],
  ['signs another checkpoint', (key) => ({ status: 200, body: good(key, log.checkpoint(99)) }), /not over this checkpoint/],
  ['signs with another key', (_key, note) => ({ status: 200, body: good(parseSigningKey(generateNoteKey('a', 'cosignature').skey), note) }), /without a signature of its key/],
  ['signs for the year 2099', (key, note) => ({ status: 200, body: good(key, note, 4_070_908_800) }), /dated more than an hour/],
  ['repeats a signature of yesterday', (key, note) => ({ status: 200, body: good(key, note, nowSeconds() - 86_400) }), /dated more than an hour/],
  ['says it holds more than there is', () => size('4711\n'), /cosigned 4711 entries, and the log has 100/],
  ['says it holds what it was asked from', () => size('0\n'), /refuses to go on from there/],
  ['names another size each time', (_key, _note, n) => size(`${n}\n`), /another size each time/],
  ['names a size that is none', () => size('-1\n'), /answers 409/],
  ['names a size without saying so', () => ({ status: 409, body: '10\n' }), /answers 409/],
])('a witness that %s is not counted', async (what, lie, sentence) => {
  const seat = await liar(lie);
  const { cosigner: own, said } = cosigner(policyOf(1, seat), what === 'is silent' ? 300 : limits.deadlineMs);
  expect(await own.cosign(headAt(100), proveIn(log))).toBeNull();
  expect(said).toEqual([expect.stringMatching(sentence)]);
}); // prettier-ignore

test('a redirect is not followed: requests go where the policy says and nowhere else', async () => {
  const elsewhere = await liar((key, note) => ({ status: 200, body: good(key, note) }));
  const seat = await liar(() => ({ status: 307, body: '', headers: { location: `${elsewhere.url}/add-checkpoint` } }));
  expect(await cosigner(policyOf(1, seat)).cosigner.cosign(headAt(100), proveIn(log))).toBeNull();
  expect(elsewhere.requests).toEqual([]);
});

test('one that fails is left alone for a while, and counted again when it works', async () => {
  let isWell = false;
  const seat = await liar((key, note) => (isWell ? { status: 200, body: good(key, note) } : { status: 503, body: '' }));
  const { cosigner: own, said } = cosigner(policyOf(1, seat));
  for (let attempt = 0; attempt < 50; attempt += 1) expect(await own.cosign(headAt(100), proveIn(log))).toBeNull();
  expect(seat.requests.length).toBeLessThan(10);
  isWell = true;
  await pause(limits.backOffMaxMs + 20);
  expect(await own.cosign(headAt(100), proveIn(log))).not.toBeNull();
  expect(said.at(-1)).toBe('witness w0 cosigns again');
});

test('who has not answered yet is not asked again, and answers under way are given up when it stops', async () => {
  const [slow, quick] = [await liar(() => null), await honest()];
  const { cosigner: own, said } = cosigner(policyOf(1, slow, quick));
  for (const at of [10, 20, 30]) await own.cosign(headAt(at), proveIn(log));
  expect(slow.requests.length).toBe(1);
  own.stop();
  await pause(20);
  expect(said).toEqual([]);
});

test('asked for more than a quorum, it waits for all', async () => {
  const seats = await Promise.all([honest(), honest(150), honest()]);
  const { cosigner: own } = cosigner(policyOf(1, ...seats));
  const count = (note: string | null) => note!.split('\n').filter((line) => line.startsWith('— witness')).length;
  expect(count(await own.cosign(headAt(10), proveIn(log)))).toBeLessThan(3);
  await pause(200);
  expect(count(await own.cosign(headAt(10), proveIn(log), true))).toBe(3);
});
