/** Two logs of a small city, the one after the other, made and published as the service does; a test plays the hostile operator with them. */
import { join } from 'node:path';
import { TagCollection } from '../../src/transparency-log/completeness/tag-collection.js';
import { TagBytes } from '../../src/transparency-log/tag.js';
import { peekCheckpoint } from '../../src/transparency-log/checkpoint.js';
import type { EntryOf } from '../../src/transparency-log/entry.js';
import {
  encodeVerifierKey,
  generateNoteKey,
  parseSigningKey,
  type SigningKey,
} from '../../src/transparency-log/note-key.js';
import { runVerify } from '../../src/transparency-log/verify-command.js';
import {
  aConsent,
  anHonestLog,
  aProvision,
  clinic,
  minute,
  origin,
  policy,
  publish,
  signingKey,
  vkey,
  writeLog,
} from '../transparency-log/a-log.js';
import { formatEntry } from '../transparency-log/entry-writer.js';

export const nextOrigin = 'minatono.azukari.example/log/2027';
export const nextKey = keyOf(nextOrigin);
const at = minute(100);

export function keyOf(name: string): SigningKey {
  return parseSigningKey(generateNoteKey(name).skey);
}

/** The old log to its end: an index of everything, and the entry that names the next one. */
export function closed(lines: readonly string[], close: Partial<EntryOf<'close'>> = {}): string[] {
  const tags = new TagCollection();
  lines.forEach((line, index) => {
    const { tag } = JSON.parse(line) as { tag?: string };
    if (tag !== undefined) tags.add(TagBytes.of(tag), index);
  });
  const index = tags.between(0, lines.length);
  const root = Buffer.from(index.root()).toString('base64');
  return [
    ...lines,
    formatEntry({ v: 1, t: 'index', at, from: 0, to: lines.length, n: index.n, root }),
    formatEntry({ v: 1, t: 'close', at, next: nextOrigin, key: encodeVerifierKey(nextKey), ...close }),
  ];
}

export const recipients = ['self', 'minatono-health-center', clinic.recipient];
const kinds = { self: 'pseudo', 'minatono-health-center': 'source' } as const;

/** The opening entries of the next log. @param named those that are stated again */
export function opened(old: readonly string[], start: Partial<EntryOf<'start'>> = {}, named = recipients): string[] {
  const { size, root } = peekCheckpoint(publish(old).get('checkpoint')!);
  const quote = { previous: origin, size, root: root.toString('base64') };
  const terms = (JSON.parse(old.find((line) => line.includes('"t":"program"'))!) as { terms: string }).terms;
  const program = (status: 'approved' | 'active') =>
    formatEntry({ v: 1, t: 'program', at, ...clinic, status, terms, policy, decision: terms });
  return [
    formatEntry({
      v: 1,
      t: 'start',
      at,
      origin: nextOrigin,
      municipality: '990019',
      operator: 'city',
      policy,
      ...quote,
      ...start,
    }),
    formatEntry({ v: 1, t: 'key', at, key: encodeVerifierKey(nextKey), status: 'introduced' }),
    ...named.map((org) =>
      formatEntry({
        v: 1,
        t: 'org',
        at,
        org,
        kind: kinds[org as keyof typeof kinds] ?? 'recipient',
        status: 'registered',
      }),
    ),
    ...(named.includes(clinic.recipient) ? [program('approved'), program('active')] : []),
  ];
}

export const provision = (n: number): string => formatEntry(aProvision(n, at));
export const withdrawal = (n: number): string => formatEntry(aConsent(n, 'withdrawn', at));
export const honest = anHonestLog(40);

/** Both logs in one directory, as a mirror keeps them. */
export async function write(
  directory: string,
  old: readonly string[],
  next: readonly string[],
  key = nextKey,
): Promise<void> {
  await writeLog(publish(old), join(directory, '2026'));
  await writeLog(publish(next, key), join(directory, '2027'));
}

/** `azukari verify log` of the new log, with the keys of both pinned unless told otherwise. */
export async function verifyNext(directory: string, ...args: string[]): Promise<{ exit: 0 | 1 | 2; text: string }> {
  let text = '';
  const keys = args.includes('--vkey') ? [] : ['--vkey', encodeVerifierKey(nextKey), '--vkey', vkey];
  const exit = await runVerify(['log', directory, ...keys, ...args], { stdout: (part) => (text += part) });
  return { exit, text };
}

export const oldKey = signingKey;
