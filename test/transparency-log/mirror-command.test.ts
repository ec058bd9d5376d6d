/** `azukari mirror` as a keeper runs it: against a real HTTP server on the loopback, as a process that is killed, and as a follower. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { runMirror } from '../../src/transparency-log/mirror/mirror-command.js';
import { runVerify } from '../../src/transparency-log/verify-command.js';
import { anHonestLog, publish, type Resources, vkey } from './a-log.js';

const token = 'a-mirror-token-of-43-characters-0123456789-';
const lines = anHonestLog(1100);
const cli = fileURLToPath(new URL('../../src/cli.js', import.meta.url));
let directory: string;
let server: Server;
let url: string;
let served: Resources | null;
/** The request of this number is never answered; `stalled` is called instead. */
let stallAt: number;
let requests: number;
let stalled: () => void;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azukari-mirror-'));
  await writeFile(join(directory, 'token'), `${token}\n`);
  [served, stallAt, requests] = [publish(lines), Infinity, 0];
  server = createServer((request, response) => {
    requests += 1;
    if (requests === stallAt) return stalled();
    const path = request.url!.replace('/log/', '');
    const isAllowed = !path.startsWith('tile/entries/') || request.headers.authorization === `Bearer ${token}`;
    const content = served?.get(path);
    response.writeHead(served === null ? 503 : !isAllowed ? 401 : content ? 200 : 404).end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/log`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(directory, { recursive: true });
});

const copy = () => join(directory, 'copy');

async function mirror(args: string[], stop = new AbortController(), onText?: (text: string) => void) {
  let text = '';
  const stdout = (part: string) => {
    text += part;
    onText?.(text);
  };
  const exit = await runMirror(args, { stdout }, stop.signal, {});
  return { exit, text };
}

async function verifyCopy() {
  let text = '';
  const exit = await runVerify(['log', copy(), '--vkey', vkey], { stdout: (part) => (text += part) }, {});
  return { exit, text };
}

const withKey = () => ['--vkey', vkey, '--token-file', join(directory, 'token')];

test('a copy is made over HTTP, can be verified as the log can, and is brought up to date', async () => {
  served = publish(lines.slice(0, 700));
  const first = await mirror([url, copy(), ...withKey()]);
  expect(first.text).toContain('512 of 700 entries proved and kept\n');
  expect(first.text).toContain('ok: the copy has all 700 entries of the signed checkpoint, 700 of them new');
  expect(first.exit).toBe(0);
  expect((await verifyCopy()).text).toContain('ok: all 700 entries give the signed root');
  served = publish(lines);
  expect((await mirror([url, copy(), ...withKey()])).text).toContain('all 1100 entries of the signed checkpoint, 400');
  expect((await mirror([url, copy(), ...withKey()])).text).toContain('none of them new');
  expect((await verifyCopy()).exit).toBe(0);
});

test('a fork ends it with exit code 1, names the place and the evidence', async () => {
  await mirror([url, copy(), ...withKey()]);
  served = publish([...lines.with(900, lines[9]!), lines[7]!]);
  const { exit, text } = await mirror([url, copy(), ...withKey()]);
  expect(text).toContain('FOUND forked at the first 1100 entries');
  expect(text).toMatch(/Nothing was taken\. The evidence is kept: .*\/kept-checkpoint and .*\/shown-checkpoint/);
  expect(exit).toBe(1);
  expect((await verifyCopy()).text).toContain('ok: all 1100 entries');
});

test('killed while it waits for any of its requests, it goes on when started again', async () => {
  for (const request of [1, 2, 4, 6, 7]) {
    await rm(copy(), { recursive: true, force: true });
    [requests, stallAt] = [0, request];
    const isStalled = new Promise<void>((resolve) => (stalled = resolve));
    const child = spawn(process.execPath, [cli, 'mirror', url, copy(), ...withKey()], { stdio: 'ignore' });
    await isStalled;
    child.kill('SIGKILL');
    await once(child, 'exit');
    stallAt = Infinity;
    const { exit, text } = await mirror([url, copy(), ...withKey()]);
    expect([request, exit, text]).toEqual([request, 0, expect.stringContaining('ok: the copy has all 1100 entries')]);
    expect((await verifyCopy()).exit).toBe(0);
  }
});

test('a follower takes what comes, waits longer while the log is away, and stops when it is told', async () => {
  const stop = new AbortController();
  served = publish(lines.slice(0, 600));
  const seen: string[] = [];
  const reached = (words: string) => async () => {
    while (!seen.at(-1)?.includes(words)) await setTimeout(10);
  };
  const running = mirror([url, copy(), ...withKey(), '--follow', '--every', '1'], stop, (text) => seen.push(text));
  await reached('all 600 entries')();
  served = null;
  await reached(
    'checkpoint is answered with 503; asking again in 1 s\ncheckpoint is answered with 503; asking again in 2 s',
  )();
  served = publish(lines);
  await reached('all 1100 entries')();
  stop.abort();
  const { exit, text } = await running;
  expect(text.endsWith('stopped\n')).toBe(true);
  expect(exit).toBe(0);
  expect((await verifyCopy()).exit).toBe(0);
});

test('a follower asks for a bundle that is dropped in two rounds, and goes on when it is there again', async () => {
  const stop = new AbortController();
  const whole = publish(lines);
  served!.delete('tile/entries/002');
  const again = 'there is no tile/entries/002, also when asked again; asking again in 1 s\n';
  const { exit, text } = await mirror([url, copy(), ...withKey(), '--follow', '--every', '1'], stop, (seen) => {
    if (seen.includes(again)) served = whole;
    if (seen.includes('all 1100 entries')) stop.abort();
  });
  expect(text).not.toContain('FOUND');
  expect(text).toContain(again);
  expect(exit).toBe(0);
});

test('a follower ends when a bundle is still dropped a round later, by its place', async () => {
  const stop = new AbortController();
  const askedAgain = (text: string) => text.split('asking again').length - 1;
  served!.delete('tile/entries/002');
  const { exit, text } = await mirror([url, copy(), ...withKey(), '--follow', '--every', '1'], stop, (seen) => {
    if (askedAgain(seen) > 2) stop.abort();
  });
  expect(askedAgain(text)).toBe(1);
  expect(text).toContain('FOUND entries-missing at entries 512 to 767: ');
  expect(exit).toBe(1);
});

test('one that does not follow stops when it is told, in the middle of a copy, and the next call goes on from there', async () => {
  const stop = new AbortController();
  stallAt = 8;
  stalled = () => stop.abort();
  expect(await mirror([url, copy(), ...withKey()], stop)).toEqual({
    exit: 2,
    text: 'stopped; the next call goes on from here\n',
  });
  stallAt = Infinity;
  expect((await mirror([url, copy(), ...withKey()])).text).toContain('ok: the copy has all 1100 entries');
});

test('a follower ends when the log contradicts itself', async () => {
  served = publish(lines.slice(0, 600));
  const running = mirror([url, copy(), ...withKey(), '--follow', '--every', '1'], undefined, (text) => {
    if (text.includes('all 600')) served = publish(lines.slice(0, 599));
  });
  const { exit, text } = await running;
  expect(text).toContain('FOUND rolled-back at entries 599 to 599');
  expect(exit).toBe(1);
});

test.each([
  ['no directory', ['http://127.0.0.1/log', '--vkey', vkey], 'name the URL of a log and a directory'],
  ['no key', ['http://127.0.0.1/log', 'copy'], 'pin the key'],
  ['a pace without following', ['http://127.0.0.1/log', 'copy', '--vkey', vkey, '--every', '5'], '--every belongs'],
  ['no pause', ['http://127.0.0.1/log', 'copy', '--vkey', vkey, '--follow', '--every', '0'], 'at least 1 second'],
  ['an unknown option', ['http://127.0.0.1/log', 'copy', '--vkey', vkey, '--fast'], 'fast'],
])('(%s) is explained, with exit code 2', async (_, args, message) => {
  const { exit, text } = await mirror(args);
  expect(text).toContain(message);
  expect(text).toContain('Usage:');
  expect(exit).toBe(2);
});

test('without a token it says what is missing, and takes nothing', async () => {
  const { exit, text } = await mirror([url, copy(), '--vkey', vkey]);
  expect(text).toContain('cannot go on: tile/entries/000 is answered with 401: entries are for the board and mirrors');
  expect(exit).toBe(2);
  expect((await verifyCopy()).text).toContain('there is no checkpoint');
});

test('a directory that cannot be written is said to be so', async () => {
  const { exit, text } = await mirror([url, join(directory, 'token', 'copy'), ...withKey()]);
  expect(text).toMatch(/^cannot go on: ENOTDIR/);
  expect(exit).toBe(2);
});
