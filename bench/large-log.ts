/**
 * A city's log of any size, written to a directory as a mirror holds it: real kinds and field lengths in the proportions of a busy month,
 * every rule of an honest log kept, each day indexed, signed with a key of its own. Streaming, so that the size is bounded by the disk alone.
 */
import { hash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { utf8 } from '../src/kernel/bytes.js';
import { signCheckpoint } from '../src/transparency-log/checkpoint.js';
import { TagCollection } from '../src/transparency-log/completeness/tag-collection.js';
import { encodeBundle } from '../src/transparency-log/entry-bundle.js';
import { leafHash } from '../src/transparency-log/merkle.js';
import { generateNoteKey, parseSigningKey } from '../src/transparency-log/note-key.js';
import { RightEdge } from '../src/transparency-log/right-edge.js';
import { TagBytes } from '../src/transparency-log/tag.js';
import { bundlePath, tilePath, tileWidth } from '../src/transparency-log/tile-path.js';

const origin = 'minatono.azukari.example/log/2026';
const policy = digestOf('policy');
const recipients = Array.from({ length: 12 }, (_, n) => `recipient-${n}`);
const residents = 60_000;

function digestOf(text: string): string {
  return hash('sha256', text, 'hex');
}

/** The lines of an honest log of `size` ≥ 27 entries, in order. */
export function* linesOfACity(size: number): Generator<string> {
  let index = 0;
  const tags = new TagCollection();
  const minuteOf = (entry: number) =>
    new Date(Date.UTC(2026, 9, 1) + Math.floor((entry * 28 * 1440) / size) * 60_000).toISOString().slice(0, 16);
  const line = (t: string, rest: string) => {
    const tag = /"tag":"([0-9a-f]{64})"/.exec(rest)?.[1];
    if (tag !== undefined) tags.add(TagBytes.of(tag), index);
    index += 1;
    return `{"v":1,"t":"${t}","at":"${minuteOf(index - 1)}Z",${rest}}`;
  };
  let indexed = 0;
  const indexOfTheDay = () => {
    const day = tags.between(indexed, index);
    const range = `"from":${indexed},"to":${index},"n":${day.n},"root":"${day.root().toString('base64')}"`;
    indexed = index;
    tags.forget(index);
    return line('index', range);
  };
  const party = (n: number) => {
    const recipient = n % recipients.length;
    return `"recipient":"${recipients[recipient]}","program":"p-program-${recipient}","version":1`;
  };
  // One tag for one resident at one recipient in this one month; a pair is given by a number.
  const pairs = residents * recipients.length;
  const about = (pair: number) => `"policy":"${policy}","tag":"${digestOf(`tag ${pair}`)}"`;
  const commitment = () => `"commitment":"${digestOf(`commitment ${index}`)}"`;
  yield line('start', `"origin":"${origin}","municipality":"990019","operator":"city","policy":"${policy}"`);
  yield line('org', '"org":"self","kind":"pseudo","status":"registered"');
  yield line('org', '"org":"minatono-health-center","kind":"source","status":"registered"');
  for (const org of recipients) yield line('org', `"org":"${org}","kind":"recipient","status":"registered"`);
  for (let n = 0; n < recipients.length; n += 1) {
    yield line('program', `${party(n)},"status":"active","terms":"${policy}","policy":"${policy}"`);
  }
  let [consented, withdrawn] = [0, 0];
  let latest: { index: number; pair: number } | null = null;
  while (index < size) {
    if (minuteOf(index).slice(8, 10) !== minuteOf(index - 1).slice(8, 10)) {
      yield indexOfTheDay();
      continue;
    }
    const lot = index % 100;
    if (lot < 6 && consented < pairs) {
      yield line('consent', `${party(consented)},"state":"active",${about(consented)},${commitment()}`);
      consented += 1;
    } else if (lot === 6 && consented - withdrawn > 1000) {
      yield line('consent', `${party(withdrawn)},"state":"withdrawn",${about(withdrawn)},${commitment()}`);
      withdrawn += 1;
    } else if (lot === 7 && latest) {
      const { index: of, pair } = latest;
      latest = null;
      const tag = `"tag":"${digestOf(`tag ${pair}`)}"`;
      yield line('void', `"of":${of},"reason":"not-redeemed","recipient":"${recipients[pair % 12]}",${tag}`);
    } else if (lot < 12) {
      const items = '"purpose":"care.prevention","categories":["health.checkup"],"reason":"no-consent"';
      yield line('refusal', `${party(index)},${items},"policy":"${policy}","salt":"${digestOf(`salt ${index}`)}"`);
    } else if (lot < 14) {
      const root = hash('sha256', String(index), 'base64');
      yield line(
        'deposit',
        `"source":"minatono-health-center","category":"health.checkup","count":40,"root":"${root}"`,
      );
    } else if (consented > withdrawn) {
      const pair = withdrawn + ((index * 7919) % (consented - withdrawn));
      latest = { index, pair };
      const items = '"purpose":"care.prevention","categories":["activity.steps","health.checkup"]';
      yield line('provision', `${party(pair)},${items},${about(pair)},${commitment()}`);
    } else yield line('list', `${party(index)},"count":0,"policy":"${policy}","salt":"${policy}"`);
  }
}

/** Writes the log and returns the key to pin. */
export function writeLargeLog(directory: string, size: number): string {
  const { skey, vkey } = generateNoteKey(origin);
  const write = (path: string, content: Uint8Array) => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  };
  const edge = RightEdge.empty();
  let bundle: Buffer[] = [];
  const flush = () => {
    if (bundle.length === 0) return;
    write(bundlePath({ n: Math.ceil(edge.size / tileWidth) - 1, width: bundle.length }), encodeBundle(bundle));
    bundle = [];
  };
  for (const text of linesOfACity(size)) {
    const entry = utf8(text);
    bundle.push(entry);
    for (const { level, n, hashes } of edge.append(leafHash(entry))) {
      write(tilePath({ level, n, width: tileWidth }), hashes);
    }
    if (bundle.length === tileWidth) flush();
  }
  flush();
  for (const tile of edge.partialTiles()) write(tilePath(tile), edge.partialHashes(tile.level));
  write('checkpoint', utf8(signCheckpoint({ origin, size, root: edge.root() }, parseSigningKey(skey))));
  return vkey;
}
