/** `azukari mirror` keeps a copy that is the log and nothing else, whatever interrupts it and whatever the operator shows it. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkLog } from '../../src/transparency-log/check-log.js';
import { directoryReader } from '../../src/transparency-log/directory-reader.js';
import { encodeBundle } from '../../src/transparency-log/entry-bundle.js';
import { cosign } from '../../src/transparency-log/cosignature.js';
import { generateNoteKey, parseSigningKey } from '../../src/transparency-log/note-key.js';
import { signatureLine } from '../../src/transparency-log/note.js';
import { parseTrust } from '../../src/transparency-log/checkpoint.js';
import { MirrorDirectory } from '../../src/transparency-log/mirror/mirror-directory.js';
import { updateMirror } from '../../src/transparency-log/mirror/update-mirror.js';
import { type LogReader, ReadFailure, readerOver } from '../../src/transparency-log/reader.js';
import { utf8 } from '../../src/kernel/bytes.js';
import { anHonestLog, origin, publish, readerOf, type Resources, trust, vkey } from './a-log.js';

let path: string;
beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'azukari-mirror-'));
});
afterEach(() => rm(path, { recursive: true }));

const update = async (source: LogReader, by = trust) =>
  updateMirror(source, await MirrorDirectory.open(path), by, undefined, [1, 1]);

/** Every file of the copy, by path, without evidence. */
async function held(): Promise<Map<string, string>> {
  const files = await readdir(path, { recursive: true, withFileTypes: true });
  const entries = files
    .filter((file) => file.isFile())
    .map(async (file): Promise<[string, string]> => {
      const full = join(file.parentPath, file.name);
      return [full.slice(path.length + 1), (await readFile(full)).toString('base64')];
    });
  return new Map((await Promise.all(entries)).filter(([name]) => !name.startsWith('evidence/')).sort());
}

const asHeld = (resources: Resources) =>
  new Map([...resources].map(([name, content]): [string, string] => [name, content.toString('base64')]).sort());

/** A reader that counts, and fails at the `limit`-th resource asked for. */
function failingAt(resources: Resources, limit: number) {
  const asked: string[] = [];
  const reader = readerOver((name) => {
    asked.push(name);
    if (asked.length > limit) return Promise.reject(new ReadFailure(`${name} does not arrive`));
    return Promise.resolve(resources.get(name) ?? null);
  });
  return { reader, asked };
}

const lines = anHonestLog(1100);
const logOf = (size: number) => publish(lines.slice(0, size));

describe('a mirror', () => {
  test('holds byte for byte what the log publishes, at every size, and asks for nothing twice', async () => {
    for (const size of [0, 1, 2, 5, 6, 255, 256, 257, 511, 512, 513, 1100]) {
      const { reader, asked } = failingAt(logOf(size), Infinity);
      expect(await update(reader)).toMatchObject({ ok: true, size });
      expect(await held()).toEqual(asHeld(logOf(size)));
      expect(asked.length).toBe(new Set(asked).size);
      const report = await checkLog(directoryReader(path), trust);
      expect([report.size, report.findings]).toEqual(size === 0 ? [0, []] : [size, []]);
    }
  });

  test('takes only what is new', async () => {
    await update(readerOf(logOf(1000)));
    const { reader, asked } = failingAt(logOf(1100), Infinity);
    expect(await update(reader)).toEqual({ ok: true, size: 1100, taken: 100 });
    expect(asked.filter((name) => name.includes('entries')).sort()).toEqual([
      'tile/entries/003',
      'tile/entries/004.p/76',
    ]);
    const again = failingAt(logOf(1100), Infinity);
    expect(await update(again.reader)).toEqual({ ok: true, size: 1100, taken: 0 });
    expect(again.asked).toEqual(['checkpoint']);
  });

  test('asks again for a checkpoint that is only old, and accuses nobody', async () => {
    await update(readerOf(logOf(600)));
    const notes = [500, 599, 700].map((size) => logOf(size).get('checkpoint')!);
    const reader = readerOver((name) =>
      Promise.resolve((name === 'checkpoint' ? notes.shift() : logOf(700).get(name)) ?? null),
    );
    expect(await update(reader)).toEqual({ ok: true, size: 700, taken: 100 });
    expect(await readdir(path)).not.toContain('evidence');
  });

  test('goes on after a failure at any resource, and keeps what it had proved', async () => {
    const resources = logOf(1100);
    const whole = failingAt(resources, Infinity);
    await update(whole.reader);
    for (let limit = 0; limit < whole.asked.length; limit += 1) {
      await rm(path, { recursive: true });
      await update(readerOf(logOf(300)));
      const cut = failingAt(resources, limit);
      await update(cut.reader).catch((error: unknown) => expect(error).toBeInstanceOf(ReadFailure));
      // Until the round has ended well the copy is the one from before.
      const checkpoint = await readFile(join(path, 'checkpoint'));
      expect([logOf(300), resources].some((log) => log.get('checkpoint')!.equals(checkpoint))).toBe(true);
      expect((await checkLog(directoryReader(path), trust)).findings).toEqual([]);
      const rest = failingAt(resources, Infinity);
      expect(await update(rest.reader)).toMatchObject({ ok: true, size: 1100 });
      expect((await checkLog(directoryReader(path), trust)).size).toBe(1100);
    }
  });

  test('does not fetch again what an interrupted round left, unless it is not what it should be', async () => {
    const resources = logOf(1100);
    const withoutLast = new Map(resources);
    withoutLast.delete('tile/entries/004.p/76');
    expect(await update(readerOf(withoutLast))).toMatchObject({ ok: false, finding: { code: 'entries-missing' } });
    await writeFile(join(path, 'tile/entries/002'), resources.get('tile/entries/001')!);
    await writeFile(join(path, 'tile/entries/003'), resources.get('tile/entries/003')!.subarray(0, 1000));
    const { reader, asked } = failingAt(resources, Infinity);
    expect(await update(reader)).toMatchObject({ ok: true, taken: 1100 });
    const bundles = asked.filter((name) => name.includes('entries')).sort();
    expect(bundles).toEqual(['tile/entries/002', 'tile/entries/003', 'tile/entries/004.p/76']);
    expect(await held()).toEqual(asHeld(resources));
  });
});

describe('a mirror takes nothing, and names the place, when', () => {
  const rewritten = lines.with(200, lines[200]!.replace('care.prevention', 'care.treatment'));

  beforeEach(() => update(readerOf(logOf(600))));

  async function refused(resources: Resources, by = trust) {
    const before = await readFile(join(path, 'checkpoint'));
    const outcome = await update(readerOf(resources), by);
    expect((await readFile(join(path, 'checkpoint'))).equals(before)).toBe(true);
    expect((await checkLog(directoryReader(path), trust)).findings).toEqual([]);
    return outcome.ok ? null : outcome;
  }

  test.each([
    ['the log was rewritten and has grown', publish(rewritten), 'forked at the first 600 entries'],
    ['the log was rewritten at its size', publish(rewritten.slice(0, 600)), 'forked at the first 600 entries'],
    ['the log is shorter', logOf(500), 'rolled-back at entries 500 to 599'],
    ['the log is shorter and was rewritten', publish(rewritten.slice(0, 500)), 'forked at the first 500 entries'],
  ])('%s: both checkpoints are kept', async (_, resources, finding) => {
    const outcome = await refused(resources);
    expect(`${outcome?.finding.code} at ${outcome?.finding.place}`).toBe(finding);
    const [kept, shown] = outcome!.evidence!;
    expect((await readFile(kept!)).equals(logOf(600).get('checkpoint')!)).toBe(true);
    expect((await readFile(shown!)).equals(resources.get('checkpoint')!)).toBe(true);
    await refused(resources);
    expect(await readdir(join(path, 'evidence'))).toHaveLength(1);
  });

  test('an entry is not the one that was signed', async () => {
    const resources = logOf(1100);
    resources.set('tile/entries/003', encodeBundle(lines.slice(768, 1024).with(9, lines[9]!).map(utf8)));
    expect((await refused(resources))?.finding).toMatchObject({ code: 'entry-differs-from-tile', index: 777 });
  });

  test('an entry and its tile were changed', async () => {
    const changed = publish(lines.with(777, lines[9]!));
    const resources = logOf(1100);
    for (const name of ['tile/entries/003', 'tile/0/003']) resources.set(name, changed.get(name)!);
    expect((await refused(resources))?.finding).toMatchObject({ code: 'tile-differs', index: 768 });
  });

  test('a bundle is cut short or does not decode, or the checkpoint is not signed', async () => {
    const resources = logOf(1100);
    const bundle = resources.get('tile/entries/003')!;
    resources.set('tile/entries/003', bundle.subarray(0, -1));
    expect((await refused(resources))?.finding).toMatchObject({ code: 'entries-missing', place: 'entry 1023' });
    resources.set('tile/entries/003', Buffer.concat([bundle, Buffer.of(0)]));
    expect((await refused(resources))?.finding).toMatchObject({ code: 'malformed-bundle', place: 'tile/entries/003' });
    const stranger = parseSigningKey(generateNoteKey(origin).skey);
    expect((await refused(publish(lines, stranger)))?.finding.code).toBe('untrusted');
  });

  test('too few witnesses cosigned; with enough it does', async () => {
    const witness = generateNoteKey('w.example', 'cosignature');
    const witnessed = parseTrust({ origin, vkeys: [vkey], witnessVkeys: [witness.vkey], quorum: 1 });
    const resources = logOf(1100);
    expect((await refused(resources, witnessed))?.finding.code).toBe('too-few-witnesses');
    const note = resources.get('checkpoint')!.toString();
    const line = signatureLine(cosign(note.slice(0, note.indexOf('\n\n') + 1), parseSigningKey(witness.skey), 1));
    resources.set('checkpoint', utf8(note + line));
    expect(await update(readerOf(resources), witnessed)).toMatchObject({ ok: true, size: 1100 });
  });

  test('its own copy was changed', async () => {
    const tile = await readFile(join(path, 'tile/0/002.p/88'));
    tile[7]! ^= 1;
    await writeFile(join(path, 'tile/0/002.p/88'), tile);
    const outcome = await update(readerOf(logOf(1100)));
    expect(outcome).toMatchObject({ ok: false, finding: { code: 'root-differs', place: path } });
    await writeFile(
      join(path, 'checkpoint'),
      publish(lines.slice(0, 9), parseSigningKey(generateNoteKey(origin).skey)).get('checkpoint')!,
    );
    expect(await update(readerOf(logOf(1100)))).toMatchObject({ ok: false, finding: { code: 'untrusted' } });
  });
});
