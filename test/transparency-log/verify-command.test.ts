/** `azukari verify` as an auditor runs it: files, a directory, and a real HTTP server on the loopback. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePairwiseId } from '../../src/kernel/pairwise-id.js';
import { cosign } from '../../src/transparency-log/cosignature.js';
import { httpReader } from '../../src/transparency-log/http-reader.js';
import { signatureLine } from '../../src/transparency-log/note.js';
import { generateNoteKey, parseSigningKey } from '../../src/transparency-log/note-key.js';
import { runVerify } from '../../src/transparency-log/verify-command.js';
import {
  anHonestLog,
  checkpointOf,
  pairwiseIdOfResident,
  publish,
  receiptOf,
  type Resources,
  vkey,
  writeLog,
} from './a-log.js';

const token = 'a-mirror-token-of-43-characters-0123456789-';
const lines = anHonestLog(600);
let directory: string;
let server: Server;
let url: string;
let served: Resources;
let requests: { path: string; authorization: string | undefined }[];

const inDirectory = (name: string): string => join(directory, name);

async function verify(args: string[], environment: Record<string, string> = {}) {
  let text = '';
  const exit = await runVerify(args, { stdout: (part) => (text += part) }, environment);
  return { exit, text };
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azukari-verify-'));
  await writeLog(publish(lines), inDirectory('log'));
  await writeLog(
    publish(lines.with(400, lines[400]!.replace('care.prevention', 'care.treatment'))),
    inDirectory('forked'),
  );
  await writeFile(inDirectory('monday'), checkpointOf(lines.slice(0, 300)));
  await writeFile(inDirectory('tuesday'), checkpointOf(lines.slice(0, 500)));
  await writeFile(inDirectory('receipt.json'), JSON.stringify(await receiptOf(lines, 12, 7)));
  await writeFile(inDirectory('token'), `${token}\n`);
  server = createServer((request, response) => {
    const path = request.url!.replace('/log/', '');
    requests.push({ path, authorization: request.headers.authorization });
    const isAllowed = !path.startsWith('tile/entries/') || request.headers.authorization === `Bearer ${token}`;
    if (path === 'checkpoint' && served.has('redirect')) return response.writeHead(302, { location: '/other' }).end();
    const content = served.get(path);
    if (!isAllowed) response.writeHead(401).end();
    else if (content) response.writeHead(200).end(content);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/log`;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(directory, { recursive: true });
});

beforeEach(() => {
  served = publish(lines);
  requests = [];
});

describe('azukari verify log', () => {
  test('says ok of an honest log in a directory, and what it did not check', async () => {
    const { exit, text } = await verify(['log', inDirectory('log'), '--vkey', vkey]);
    expect(text).toContain('size     600 entries');
    expect(text).toContain('ok: all 600 entries give the signed root');
    expect(text).toContain('not checked:');
    expect(text).toContain('that nothing was provided without an entry: no log can show that');
    expect(exit).toBe(0);
  });

  test('says ok over HTTP, and shows its token for entries only', async () => {
    const { exit, text } = await verify(['log', `${url}/`, '--vkey', vkey, '--token-file', inDirectory('token')]);
    expect(text).toContain('ok: all 600 entries');
    expect(exit).toBe(0);
    const withToken = requests.filter(({ authorization }) => authorization !== undefined);
    // Three bundles, and the first once more before: its first entry says which log came before this one.
    expect(withToken.length).toBe(4);
    expect(withToken.every(({ path }) => path.startsWith('tile/entries/'))).toBe(true);
    expect((await verify(['log', url, '--vkey', vkey], { AZUKARI_MIRROR_TOKEN: token })).exit).toBe(0);
  });

  test('compares with what was kept, and names the place of a fork', async () => {
    const kept = [
      '--earlier',
      inDirectory('monday'),
      '--earlier',
      inDirectory('tuesday'),
      '--receipt',
      inDirectory('receipt.json'),
    ];
    const honest = await verify(['log', inDirectory('log'), '--vkey', vkey, ...kept]);
    expect(honest.text).toContain('the earlier checkpoints signed (2)');
    expect(honest.text).toContain('the receipts stand in it (1)');
    expect(honest.exit).toBe(0);
    const forked = await verify(['log', inDirectory('forked'), '--vkey', vkey, ...kept]);
    expect(forked.text).toContain('FOUND forked at entries 300 to 499');
    expect(forked.text).not.toContain('ok:');
    expect(forked.exit).toBe(1);
  });

  test('cannot check without the token, without the log, or behind a redirect', async () => {
    const noToken = await verify(['log', url, '--vkey', vkey]);
    expect(noToken.text).toContain('cannot check: tile/entries/000 is answered with 401: entries are for the board');
    expect(noToken.exit).toBe(2);
    const nothing = await verify(['log', inDirectory('nowhere'), '--vkey', vkey]);
    expect(nothing).toEqual({ exit: 2, text: 'cannot check: there is no checkpoint\n' });
    const elsewhere = await verify(['log', url.replace(/log$/, 'elsewhere'), '--vkey', vkey]);
    expect(elsewhere.exit).toBe(2);
    expect(elsewhere.text).toMatch(/^cannot check: there is no log at \S+elsewhere .* with \/log behind it\n$/);
    served.set('redirect', Buffer.alloc(0));
    expect((await verify(['log', url, '--vkey', vkey])).text).toContain('cannot check: checkpoint cannot be fetched');
  });

  test('reads no more than a resource can have', async () => {
    served.set('tile/0/000', Buffer.alloc(8193));
    const { exit, text } = await verify(['log', url, '--vkey', vkey], { AZUKARI_MIRROR_TOKEN: token });
    expect(text).toContain('tile/0/000 is larger than 8192 bytes');
    expect(exit).toBe(2);
  });

  test('counts witnesses whose keys are pinned', async () => {
    const witness = generateNoteKey('w.example', 'cosignature');
    const note = served.get('checkpoint')!.toString();
    const text = note.slice(0, note.indexOf('\n\n') + 1);
    const line = signatureLine(cosign(text, parseSigningKey(witness.skey), 1_795_000_000));
    served.set('checkpoint', Buffer.from(note + line));
    const args = ['log', url, '--vkey', vkey, '--witness', witness.vkey];
    const witnessed = await verify(args, { AZUKARI_MIRROR_TOKEN: token });
    expect(witnessed.text).toContain('witness  w.example at 2026-11-18T');
    expect(witnessed.exit).toBe(0);
    served.set('checkpoint', Buffer.from(note));
    expect((await verify(args, { AZUKARI_MIRROR_TOKEN: token })).text).toContain(
      'FOUND too-few-witnesses at checkpoint',
    );
  });
});

test('a token is not sent in the clear to another machine', async () => {
  const reader = httpReader('http://log.minatono.example/log', token);
  await expect(reader.entries(0, 1)).rejects.toThrow('a token needs https');
});

describe('azukari verify receipt', () => {
  test('says what a good receipt proves', async () => {
    const pairwiseId = encodePairwiseId(pairwiseIdOfResident(7));
    const args = ['receipt', inDirectory('receipt.json'), '--vkey', vkey];
    const { exit, text } = await verify([...args, '--pairwise-id', pairwiseId, '--recipient', 'hamakaze-clinic']);
    expect(text).toContain('receipt.json is entry 12 of 600 in minatono.azukari.example/log/2026');
    expect(text).not.toContain('--pairwise-id');
    expect(exit).toBe(0);
    expect((await verify(args)).text).toContain('that it is about the person you think (--pairwise-id)');
  });

  test('finds one bad receipt among good ones', async () => {
    const receipt = await receiptOf(lines, 13, 8);
    await writeFile(
      inDirectory('bad.json'),
      JSON.stringify({ ...receipt, detail: receipt.detail.replace('score', 'scope') }),
    );
    const { exit, text } = await verify([
      'receipt',
      inDirectory('receipt.json'),
      inDirectory('bad.json'),
      '--vkey',
      vkey,
    ]);
    expect(text).toContain('ok: ');
    expect(text).toContain(`FOUND wrong-commitment at ${inDirectory('bad.json')}`);
    expect(exit).toBe(1);
  });
});

describe('azukari verify consistency', () => {
  test('needs no token, and says ok of a log that only grew', async () => {
    const { exit, text } = await verify(['consistency', inDirectory('monday'), url, '--vkey', vkey]);
    expect(text).toContain('ok: the log of 600 entries begins with the 300 entries');
    expect(exit).toBe(0);
    expect(requests.some(({ path }) => path.includes('entries'))).toBe(false);
  });

  test('finds a fork, a roll-back, and tiles that do not lead to the root', async () => {
    const fork = await verify(['consistency', inDirectory('tuesday'), inDirectory('forked'), '--vkey', vkey]);
    expect(fork.text).toContain('FOUND forked at the first 500 entries');
    expect(fork.exit).toBe(1);
    expect((await verify(['consistency', inDirectory('monday'), inDirectory('forked'), '--vkey', vkey])).exit).toBe(0);
    await writeLog(publish(lines.slice(0, 400)), inDirectory('short'));
    const rolledBack = await verify(['consistency', inDirectory('tuesday'), inDirectory('short'), '--vkey', vkey]);
    expect(rolledBack.text).toContain('FOUND rolled-back at entries 400 to 499');
    const tile = Buffer.from(served.get('tile/0/001')!);
    tile[9]! ^= 1;
    served.set('tile/0/001', tile);
    const tiles = await verify(['consistency', inDirectory('monday'), url, '--vkey', vkey]);
    expect(tiles.text).toContain('FOUND tile-differs');
    expect(tiles.exit).toBe(1);
  });

  test('finds two checkpoints of one size, and accepts the same one', async () => {
    await writeFile(inDirectory('today'), checkpointOf(lines));
    expect((await verify(['consistency', inDirectory('today'), inDirectory('log'), '--vkey', vkey])).exit).toBe(0);
    const fork = await verify(['consistency', inDirectory('today'), inDirectory('forked'), '--vkey', vkey]);
    expect(fork.text).toContain('two checkpoints of size 600 have different roots');
  });

  test('does not compare with a checkpoint that the log did not sign', async () => {
    const stranger = parseSigningKey(generateNoteKey('minatono.azukari.example/log/2026').skey);
    await writeFile(inDirectory('foreign'), publish(lines.slice(0, 9), stranger).get('checkpoint')!);
    const { exit, text } = await verify(['consistency', inDirectory('foreign'), inDirectory('log'), '--vkey', vkey]);
    expect(text).toContain(`FOUND untrusted at ${inDirectory('foreign')}`);
    expect(exit).toBe(1);
  });
});

describe('wrong usage', () => {
  test.each([
    ['nothing to verify', [], 'say what to verify'],
    ['an unknown subject', ['everything'], 'everything cannot be verified'],
    ['no key', ['log', '.'], 'pin the key'],
    ['a key that is none', ['log', '.', '--vkey', 'x'], 'The key is not written'],
    ['no log', ['log', '--vkey', vkey], 'name a directory or URL'],
    ['two logs', ['log', 'a', 'b', '--vkey', vkey], 'name a directory or URL'],
    ['no receipt', ['receipt', '--vkey', vkey], 'name a receipt'],
    ['no second checkpoint', ['consistency', 'a', '--vkey', vkey], 'name an earlier checkpoint'],
    ['an option that does not exist', ['log', '.', '--vkey', vkey, '--trust-me'], 'trust-me'],
    ['a quorum of no witnesses', ['log', '.', '--vkey', vkey, '--quorum', '1'], '1 of 0 witnesses'],
    ['a tolerance that is no number', ['log', '.', '--vkey', vkey, '--tolerance', 'much'], 'whole number'],
  ])('(%s) is explained, with exit code 2', async (_, args, message) => {
    const { exit, text } = await verify(args);
    expect(text).toContain(message);
    expect(text).toContain('Usage:');
    expect(exit).toBe(2);
  });

  test('a receipt file that is missing cannot be checked', async () => {
    const { exit, text } = await verify(['receipt', inDirectory('missing'), '--vkey', vkey]);
    expect(text).toContain('cannot be read: ENOENT');
    expect(exit).toBe(2);
  });
});
