/** The witness protocol as c2sp.org/tlog-witness words it, over HTTP, held against RFC 6962's definitions and an independent check of the signature. */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { connect } from 'node:net';
import { signatureLine } from '../../src/transparency-log/note.js';
import { cosign } from '../../src/transparency-log/cosignature.js';
import { generateNoteKey, parseSigningKey } from '../../src/transparency-log/note-key.js';
import { GrowingLog } from './a-growing-log.js';
import { aNewWitness, type RunningWitness, startWitness, type WitnessFiles } from './a-witness.js';

const log = new GrowingLog();
const other = new GrowingLog('elsewhere.example/log');
const stranger = new GrowingLog(log.origin);
const fork = log.fork(50);
let files: WitnessFiles;
let witness: RunningWitness;

beforeAll(async () => {
  files = await aNewWitness('witness.example/board');
  witness = await startWitness(files, [log.vkey, new GrowingLog('never.example/log').vkey]);
  expect((await witness.add(log.request(0, 100))).status).toBe(200);
});
afterAll(() => witness?.stop());

/** What the specification says a cosignature is, without any code of ours. */
function cosignatureIsGood(line: string, text: string, vkey: string): boolean {
  const [, name, id, encoded] = /^(.+)\+([0-9a-f]{8})\+(.+)$/.exec(vkey)!;
  const key = Buffer.from(encoded!, 'base64');
  const keyId = createHash('sha256')
    .update(Buffer.concat([Buffer.from(`${name}\n`), key]))
    .digest('hex')
    .slice(0, 8);
  const parsed = /^— (\S+) (\S+)\n$/u.exec(line);
  const bytes = Buffer.from(parsed?.[2] ?? '', 'base64');
  if (keyId !== id || key[0] !== 4 || parsed?.[1] !== name || bytes.length !== 4 + 8 + 64) return false;
  if (bytes.subarray(0, 4).toString('hex') !== id) return false;
  const time = bytes.readBigUInt64BE(4);
  const age = Date.now() / 1000 - Number(time);
  if (age < -2 || age > 60) return false;
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key.subarray(1)]);
  const publicKey = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  return verify(null, Buffer.from(`cosignature/v1\ntime ${time}\n${text}`), publicKey, bytes.subarray(12));
}

const textOf = (note: string) => note.slice(0, note.indexOf('\n\n') + 1);
const junk = Buffer.alloc(32, 7).toString('base64');

describe('the witness holds 100 entries of the log and answers', () => {
  const cases: [what: string, request: string | Buffer, status: number][] = [
    ['nothing at all', '', 400],
    ['no empty line', 'old 100\nx', 400],
    ['no old size', `${log.checkpoint(120)}`, 400],
    ['an old size with a leading zero', log.request(100, 120).replace('old 100', 'old 0100'), 400],
    ['a negative old size', log.request(100, 120).replace('old 100', 'old -1'), 400],
    ['an old size beyond 2^53', log.request(100, 120).replace('old 100', 'old 9007199254740993'), 400],
    ['a carriage return', log.request(100, 120).replace('old 100\n', 'old 100\r\n'), 400],
    ['a proof line that is not base64', log.request(100, 120, { proof: ['not base64'] }), 400],
    ['a proof line of 31 bytes', log.request(100, 120, { proof: [Buffer.alloc(31).toString('base64')] }), 400],
    ['64 proof lines', log.request(100, 120, { proof: Array<string>(64).fill(junk) }), 400],
    ['no checkpoint', 'old 100\n\n', 400],
    ['a checkpoint without signatures', `old 100\n\n${textOf(log.checkpoint(120))}`, 400],
    ['bytes that are not UTF-8', Buffer.concat([Buffer.from('old 100\n\n'), Buffer.from([0xff, 0x0a])]), 400],
    ['an old size above the checkpoint', log.request(101, 100), 400],
    ['an unknown log', other.request(0, 10), 404],
    ['a signature of an unknown key', stranger.request(100, 120), 403],
    ['a known key whose signature is of another checkpoint',
      log.request(100, 120, { checkpoint: log.checkpoint(119).replace('\n119\n', '\n120\n') }), 403],
    ['a good and a bad signature of the known key', log.request(100, 120, { checkpoint: withSecond(log.checkpoint(120)) }), 403],
    ['an old size that is too small', log.request(99, 120), 409],
    ['an old size of zero', log.request(0, 120), 409],
    ['an old size that is too large', log.request(110, 120), 409],
    ['no proof where one is needed', log.request(100, 120, { proof: [] }), 422],
    ['a proof that is too long', log.request(100, 120, { proof: [...log.proof(100, 120), junk] }), 422],
    ['a proof in the wrong order', log.request(100, 120, { proof: log.proof(100, 120).reverse() }), 422],
    ['another history', fork.request(100, 120), 422],
    ['another root of the same size', fork.request(100, 100), 422],
    ['a proof between equal sizes', log.request(100, 100, { proof: [junk] }), 422],
  ]; // prettier-ignore
  test.each(cases)('%s', async (_what, request, status) => {
    const answer = await witness.add(request);
    expect(answer.status).toBe(status);
    expect(answer.body).not.toContain('—');
    if (status === 409) expect([answer.type, answer.body]).toEqual(['text/x.tlog.size', '100\n']);
    // Nothing of all this has moved it.
    expect((await witness.add(log.request(99, 100))).body).toBe('100\n');
  });

  test('a checkpoint that continues the last one with one cosignature, byte for byte', async () => {
    const checkpoint = log.checkpoint(120);
    const { status, type, body } = await witness.add(log.request(100, 120, { checkpoint }));
    expect([status, type]).toEqual([200, 'text/plain; charset=utf-8']);
    expect(cosignatureIsGood(body, textOf(checkpoint), files.vkey)).toBe(true);
    expect(cosignatureIsGood(body, textOf(log.checkpoint(121)), files.vkey)).toBe(false);
  });

  test('the same checkpoint again with a cosignature of now', async () => {
    const { status, body } = await witness.add(log.request(120, 120));
    expect(status).toBe(200);
    expect(cosignatureIsGood(body, textOf(log.checkpoint(120)), files.vkey)).toBe(true);
  });

  test('a checkpoint that others have signed too', async () => {
    const cosigned = log.checkpoint(125) + aForeignCosignature(log.checkpoint(125));
    expect((await witness.add(log.request(120, 125, { checkpoint: cosigned }))).status).toBe(200);
  });

  test('a monitor with the newest checkpoint it cosigned, the log’s signature first', async () => {
    const hash = createHash('sha256').update(log.origin).digest('hex');
    const { status, body } = await witness.get(`/${hash}/checkpoint`);
    expect(status).toBe(200);
    expect(body.startsWith(log.checkpoint(125))).toBe(true);
    const own = body.slice(log.checkpoint(125).length);
    expect(cosignatureIsGood(own, textOf(body), files.vkey)).toBe(true);
  });

  test('a monitor with 404 for a log it never cosigned or does not know', async () => {
    for (const origin of ['never.example/log', 'unknown.example/log']) {
      expect((await witness.get(`/${createHash('sha256').update(origin).digest('hex')}/checkpoint`)).status).toBe(404);
    }
  });
});

test('an empty log is cosigned with the root of the empty tree alone, and may grow from there', async () => {
  const empty = new GrowingLog('empty.example/log');
  const own = await startWitness(await aNewWitness('witness.example/empty'), [empty.vkey]);
  try {
    const wrong = empty.checkpoint(0, Buffer.alloc(32, 1));
    expect((await own.add(empty.request(0, 0, { checkpoint: wrong }))).status).toBe(422);
    expect((await own.add(empty.request(0, 0))).status).toBe(200);
    expect((await own.add(empty.request(0, 5, { proof: [junk] }))).status).toBe(422);
    expect((await own.add(empty.request(0, 5))).status).toBe(200);
  } finally {
    await own.stop();
  }
});

test('of many requests at once for one log each answer is true, and the log has one history', async () => {
  const sizes = Array.from({ length: 24 }, (_, n) => 130 + n);
  const first = await Promise.all(sizes.map((size) => witness.add(log.request(125, size))));
  expect(first.filter(({ status }) => status === 200).length).toBe(1);
  const held = sizes[first.findIndex(({ status }) => status === 200)]!;
  expect(first.filter(({ status }) => status === 409).every(({ body }) => Number(body) === held)).toBe(true);
  const rivals = await Promise.all([log, fork].map((one) => witness.add(one.request(held, 200))));
  expect(rivals.map(({ status }) => status)).toEqual([200, 409].includes(rivals[1]!.status) ? [200, 409] : [200, 422]);
});

test('what a log signed against its own history is kept as evidence, and told', () => {
  expect(witness.complaints.join('')).toContain(`${log.origin} signed two histories; nothing was cosigned`);
});

describe('limits', () => {
  test('a body larger than any request needs to be is refused unread', async () => {
    const answer = await witness.add(`old 1\n\n${'x'.repeat(100_000)}`).catch(() => ({ status: 413 }));
    expect(answer.status).toBe(413);
  });

  test('nor is one whose length nobody announced read to its end', async () => {
    let sent = 0;
    const body = new ReadableStream({
      pull: (controller) => {
        sent += 1;
        if (sent < 1_000) controller.enqueue(Buffer.alloc(16 * 1024, 0x41));
        else controller.close();
      },
    });
    const asked = { method: 'POST', body, duplex: 'half' } as RequestInit;
    const answer = await fetch(`${witness.url}/add-checkpoint`, asked).catch(() => ({ status: 413 }));
    expect(answer.status).toBe(413);
    expect(sent).toBeLessThan(1_000);
  });

  test.each([
    ['GET', '/add-checkpoint', 405],
    ['POST', '/', 404],
    ['POST', `/${'0'.repeat(64)}/checkpoint`, 405],
    ['GET', '/../etc/passwd', 404],
  ])('%s %s is answered with %i', async (method, path, status) => {
    expect((await fetch(`${witness.url}${path}`, { method })).status).toBe(status);
  });

  test('who sends its request too slowly is cut off', async () => {
    const { port } = new URL(witness.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write('POST /add-checkpoint HTTP/1.1\r\n');
    const answer = await new Promise<string>((resolve) => {
      let text = '';
      socket.on('data', (chunk) => (text += chunk.toString())).on('close', () => resolve(text));
    });
    expect(answer).toMatch(/^(HTTP\/1.1 408|$)/);
  });
});

function aForeignCosignature(note: string): string {
  const key = parseSigningKey(generateNoteKey('somebody.example/else', 'cosignature').skey);
  return signatureLine(cosign(textOf(note), key, 1_700_000_000));
}

/** The log's own line twice, the second one over nothing. */
function withSecond(note: string): string {
  return note + signatureLine({ name: log.key.name, keyId: log.key.keyId, signature: Buffer.alloc(64, 1) });
}
