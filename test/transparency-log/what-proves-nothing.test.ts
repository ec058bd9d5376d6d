/** What an honest log does at work, and what may be another's fault, convicts nobody: it is read, or it is said that it cannot be. */
import { join } from 'node:path';
import { encodeBundle } from '../../src/transparency-log/entry-bundle.js';
import { utf8 } from '../../src/kernel/bytes.js';
import { runMirror } from '../../src/transparency-log/mirror/mirror-command.js';
import { generateNoteKey, parseSigningKey } from '../../src/transparency-log/note-key.js';
import { runVerify } from '../../src/transparency-log/verify-command.js';
import { aTemporaryDirectory } from '../setup/leftovers.js';
import { anHonestLog, publish, type Resources, vkey, writeLog } from './a-log.js';
import { type Answer, LogServer } from './a-log-server.js';

const lines = anHonestLog(768);
const honest = publish(lines.slice(0, 700));
let server: LogServer;

beforeAll(async () => {
  server = await LogServer.start();
});
afterAll(() => server.stop());

/** `azukari verify log` and `azukari mirror`, each of a log that is served as it was at first. */
async function verdicts(serve: () => string | Promise<string>): Promise<{ exit: number; text: string }[]> {
  const texts = ['', ''];
  const output = (of: number) => ({ stdout: (part: string) => void (texts[of] += part) });
  const copy = join(await aTemporaryDirectory(), 'copy');
  const exits = await Promise.all([
    runVerify(['log', await serve(), '--vkey', vkey], output(0), {}),
    runMirror([await serve(), copy, '--vkey', vkey], output(1), new AbortController().signal, {}),
  ]);
  return exits.map((exit, of) => ({ exit, text: texts[of]! }));
}

const refusedWith =
  (path: string, status: number): Answer =>
  (asked, response) => {
    if (asked === path) response.writeHead(status).end();
    return asked === path;
  };

describe('it cannot be checked, and nobody is accused, when', () => {
  test.each([401, 403, 429, 500, 503])('a bundle or a tile is answered with %i', async (status) => {
    for (const path of ['tile/entries/001', 'tile/1/000.p/2']) {
      for (const { exit, text } of await verdicts(() => server.serve(new Map(honest), refusedWith(path, status)))) {
        expect(text).toMatch(new RegExp(`^cannot (check|go on): ${path} is answered with ${status}`, 'm'));
        expect(exit).toBe(2);
      }
    }
  });

  test('the connection breaks at a bundle', async () => {
    const breaks: Answer = (path, response) => path === 'tile/entries/001' && response.destroy().destroyed;
    for (const { exit, text } of await verdicts(() => server.serve(new Map(honest), breaks))) {
      expect(text).toMatch(/^cannot (check|go on): tile\/entries\/001 cannot be fetched: /m);
      expect(exit).toBe(2);
    }
  });

  test('there is no checkpoint', async () => {
    const bare = new Map(honest);
    bare.delete('checkpoint');
    for (const { exit, text } of await verdicts(() => server.serve(bare))) {
      expect(text).toContain('(no checkpoint)');
      expect(exit).toBe(2);
    }
  });

  /** The log as it was, until a bundle is asked for that it has not. */
  const until = (then: (log: Resources) => void) => () => {
    const log = new Map(honest);
    log.delete('tile/entries/001');
    return server.serve(log, (path) => {
      if (path === 'tile/entries/001') then(log);
      return false;
    });
  };

  test('the whole log has gone from the address by the time it is asked again', async () => {
    for (const { exit, text } of await verdicts(until((log) => log.clear()))) {
      expect(text).toContain('(no checkpoint)');
      expect(exit).toBe(2);
    }
  });

  test('the address shows another log by then, as on the first of January', async () => {
    const next = parseSigningKey(generateNoteKey('minatono.azukari.example/log/2027').skey);
    const checkpoint = publish(lines.slice(0, 5), next).get('checkpoint')!;
    for (const { exit, text } of await verdicts(until((log) => log.set('checkpoint', checkpoint)))) {
      expect(text).toContain('the checkpoint is not that of minatono.azukari.example/log/2026 any more');
      expect(exit).toBe(2);
    }
  });
});

describe('all is well when', () => {
  async function expectSound(serve: () => string | Promise<string>): Promise<void> {
    for (const { exit, text } of await verdicts(serve)) {
      expect([exit, text]).toEqual([0, expect.stringMatching(/^ok: (all 700 entries|the copy has all 700)/m)]);
    }
  }

  test.each(['tile/entries/001', 'tile/entries/002.p/188', 'tile/1/000.p/2'])(
    '%s is there only some time after the checkpoint, as at the slower of two servers',
    async (late) => {
      await expectSound(() => {
        let asked = 0;
        return server.serve(new Map(honest), (path, response) => {
          if (path !== late || (asked += 1) > 4) return false;
          response.writeHead(404).end();
          return true;
        });
      });
    },
  );

  test('the log grows meanwhile, and the partial tiles and bundles of before are gone', async () => {
    await expectSound(() => {
      const log = new Map(honest);
      return server.serve(log, (path) => {
        if (path !== 'tile/entries/002.p/188') return false;
        for (const outgrown of [path, 'tile/0/002.p/188']) log.delete(outgrown);
        for (const [now, content] of publish(lines.slice(0, 750))) log.set(now, content);
        return false;
      });
    });
  });

  test.each([
    ['gone', () => null],
    ['cut short', (content: Buffer) => content.subarray(0, 70)],
  ])('a partial bundle and its tile are %s, and the full ones are there', async (_what, left) => {
    const log = publish(lines);
    for (const path of ['checkpoint', 'tile/1/000.p/2']) log.set(path, honest.get(path)!);
    for (const path of ['tile/0/002.p/188', 'tile/entries/002.p/188']) {
      const rest = left(honest.get(path)!);
      if (rest) log.set(path, rest);
    }
    await expectSound(() => server.serve(log));
    const directory = await aTemporaryDirectory();
    await writeLog(log, directory);
    await expectSound(() => directory);
  });
});

test('what was found stands, also where whoever serves the log fails at the rest of it', async () => {
  const log = new Map(honest);
  log.set('tile/entries/000', encodeBundle(lines.slice(0, 256).with(9, lines[10]!).map(utf8)));
  const address = server.serve(log, refusedWith('tile/entries/002.p/188', 503));
  const [verified] = await verdicts(() => address);
  expect(verified!.text).toContain('FOUND entry-differs-from-tile at entry 9:');
  expect(verified!.text).toContain(
    'The check ended before the last entry: tile/entries/002.p/188 is answered with 503.\n',
  );
  expect(verified!.exit).toBe(1);
});
