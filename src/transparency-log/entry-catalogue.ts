/**
 * The catalogue of log entries: every kind with its fields, their order, their types and when they may be left out. It is data, so that
 * the parser, the documentation (`docs/log-entries.md`) and the tests read one and the same list. An entry is one line of ASCII JSON
 * without spaces, integers only, at most 4 KiB; every entry begins with `v`, `t` and `at`. A field of a kind never changes: a new
 * meaning is a new field or a new kind.
 */

/** Length of an entry, in bytes. */
export const entryBytesMax = 4096;

/** The version every entry begins with. */
export const entryVersion = 1;

export const organisationKinds = ['recipient', 'source', 'pseudo', 'unit'] as const;
export const organisationStatuses = ['registered', 'suspended', 'resumed', 'removed'] as const;
export const keyStatuses = ['introduced', 'retired'] as const;
export const programStatuses = [
  'draft',
  'submitted',
  'in_review',
  'returned',
  'refused',
  'reexamined',
  'approved',
  'active',
  'suspended',
  'retired',
] as const;
export const consentStates = [
  'active',
  'paused',
  'withdrawn',
  'expired',
  'superseded',
  'inapplicable',
  'invalidated',
  'refused',
] as const;

/** As the domain `code` of the database. */
const code = '[a-z0-9][a-z0-9.:-]{0,62}';

/**
 * Types of fields: a regular expression for the JSON text of the value, and a sentence for the reader. Because each is a regular
 * language with one spelling per value, an entry that matches is in canonical form.
 */
export const fieldTypes = {
  time: [
    String.raw`"(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\dZ)"`,
    'UTC to the minute, `YYYY-MM-DDTHH:MMZ`',
  ],
  origin: [String.raw`"([a-z0-9][a-z0-9.-]{0,99}(?:/[a-z0-9][a-z0-9._-]{0,63}){0,4})"`, 'origin of a log'],
  municipality: [String.raw`"(\d{6})"`, 'municipality code, 6 digits'],
  code: [`"(${code})"`, 'code: lower-case letters, digits, `.`, `:`, `-`, at most 63 characters'],
  organisation: [
    `"(${code})"`,
    'code of a recipient or source; `self` (the resident) and `op:<unit>` (staff) are pseudo-recipients',
  ],
  codes: [String.raw`\[("${code}"(?:,"${code}"){0,31})\]`, 'array of 1 to 32 codes, ascending, each once'],
  positive: [String.raw`([1-9]\d{0,15})`, 'integer, 1 to 2^53 - 1'],
  natural: [String.raw`(0|[1-9]\d{0,15})`, 'integer, 0 to 2^53 - 1'],
  digest: [String.raw`"([0-9a-f]{64})"`, '32 bytes in lower-case hex'],
  hash: [String.raw`"([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)"`, '32 bytes in base64'],
  // A name as an origin is, an id, and 33 bytes in base64 of which the first is 1: Ed25519 (c2sp.org/signed-note).
  vkey: [
    String.raw`"([a-z0-9][a-z0-9._/-]{0,399}\+[0-9a-f]{8}\+A[Q-Za-f][A-Za-z0-9+/]{42})"`,
    'public key of a log as verifiers pin it: `<origin>+<id>+<base64>`',
  ],
  keyStatus: oneOf(keyStatuses),
  organisationKind: oneOf(organisationKinds),
  organisationStatus: oneOf(organisationStatuses),
  programStatus: oneOf(programStatuses),
  consentState: oneOf(consentStates),
} as const satisfies Record<string, readonly [pattern: string, sentence: string]>;

export type FieldType = keyof typeof fieldTypes;

/** The TypeScript type of a parsed value. */
export type ValueOf<Type extends FieldType> = Type extends 'codes'
  ? readonly string[]
  : Type extends 'positive' | 'natural'
    ? number
    : Type extends 'organisationKind'
      ? (typeof organisationKinds)[number]
      : Type extends 'organisationStatus'
        ? (typeof organisationStatuses)[number]
        : Type extends 'programStatus'
          ? (typeof programStatuses)[number]
          : Type extends 'consentState'
            ? (typeof consentStates)[number]
            : Type extends 'keyStatus'
              ? (typeof keyStatuses)[number]
              : string;

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  /** May be left out; with a name given, exactly when that field, which stands before it, is left out. */
  readonly optional?: true | string;
}

const policy = { name: 'policy', type: 'digest' } as const;
const recipient = { name: 'recipient', type: 'organisation' } as const;
const program = { name: 'program', type: 'code' } as const;
const version = { name: 'version', type: 'positive' } as const;
const tag = { name: 'tag', type: 'digest' } as const;
const commitment = { name: 'commitment', type: 'digest' } as const;
// Hash tiles are public. What could otherwise be guessed, and tried against its leaf, has 32 random bytes in it.
const salt = { name: 'salt', type: 'digest' } as const;

const range = [
  { name: 'from', type: 'natural' },
  { name: 'to', type: 'natural' },
  { name: 'n', type: 'natural' },
  { name: 'root', type: 'hash' },
] as const;

/** The fields of every kind after `v`, `t` and `at`, in their order. */
export const entryFields = {
  start: [
    { name: 'origin', type: 'origin' },
    { name: 'municipality', type: 'municipality' },
    { name: 'operator', type: 'code' },
    policy,
    { name: 'previous', type: 'origin', optional: true },
    { name: 'size', type: 'positive', optional: 'previous' },
    { name: 'root', type: 'hash', optional: 'previous' },
  ],
  key: [
    { name: 'key', type: 'vkey' },
    { name: 'status', type: 'keyStatus' },
  ],
  org: [
    { name: 'org', type: 'organisation' },
    { name: 'kind', type: 'organisationKind' },
    { name: 'status', type: 'organisationStatus' },
  ],
  policy: [policy],
  witnesses: [
    { name: 'witnesses', type: 'digest' },
    { name: 'quorum', type: 'natural' },
    { name: 'limit', type: 'positive' },
  ],
  program: [
    recipient,
    program,
    version,
    { name: 'status', type: 'programStatus' },
    { name: 'terms', type: 'digest' },
    policy,
    { name: 'decision', type: 'digest', optional: true },
  ],
  consent: [recipient, program, version, { name: 'state', type: 'consentState' }, policy, tag, commitment],
  provision: [
    recipient,
    program,
    version,
    { name: 'purpose', type: 'code' },
    { name: 'categories', type: 'codes' },
    policy,
    tag,
    commitment,
  ],
  refusal: [
    recipient,
    { ...program, optional: true },
    { ...version, optional: 'program' },
    { name: 'purpose', type: 'code', optional: true },
    { name: 'categories', type: 'codes', optional: true },
    { name: 'reason', type: 'code' },
    policy,
    { ...tag, optional: true },
    { ...salt, optional: true },
  ],
  void: [{ name: 'of', type: 'natural' }, { name: 'reason', type: 'code' }, recipient, tag],
  list: [recipient, program, version, { name: 'count', type: 'natural' }, policy, salt],
  deposit: [
    { name: 'source', type: 'organisation' },
    { name: 'category', type: 'code' },
    { name: 'count', type: 'natural' },
    { name: 'root', type: 'hash' },
  ],
  access: [recipient, tag, commitment],
  export: [recipient, tag, commitment],
  erasure: [recipient, tag, commitment],
  staff: [recipient, { name: 'categories', type: 'codes' }, { name: 'reason', type: 'code' }, policy, tag, commitment],
  restore: [
    { name: 'from', type: 'natural' },
    { name: 'to', type: 'natural' },
  ],
  index: range,
  rollup: range,
  close: [
    { name: 'next', type: 'origin' },
    { name: 'key', type: 'vkey' },
  ],
} as const satisfies Record<string, readonly Field[]>;

export type EntryKind = keyof typeof entryFields;

/** What each kind says, for the documentation. */
export const entryMeanings = {
  start:
    'The first entry of a log: its origin, the municipality, the operator, the policy in force. Where another log came before: its origin, its size and its root. Then organisations and programs are stated again: `registered` or `approved`, and how they stand.',
  key: 'A key begins or ceases to sign checkpoints: it signs those that cover its introduction and not its retirement.',
  org: 'An organisation or pseudo-recipient appears or changes its standing. Precedes every use of its code.',
  policy: 'Another policy comes into force: the digest of the policy folder.',
  witnesses:
    'Another witness policy comes into force: the digest of its file, how many witnesses are a quorum at least, and for how many minutes provisions go on without one.',
  program: 'A program version changes its status; `decision` is the digest of the decision record of the board.',
  consent: 'A resident answers, or an answer changes. Refused: under `self`, so that the recipient learns nothing.',
  provision: 'Data of one resident may go to a recipient. Stands in the log before the data is read.',
  refusal: 'An attempt was refused. A tag only where the resident is known, a salt everywhere else.',
  void: 'The provision at index `of` did not take place: its grant is void from here on. A provision is recorded before anything leaves through the gate, and only what has no record becomes void.',
  list: 'A recipient was given the list of pairwise ids who consent to a program: how many.',
  deposit:
    'A source handed data over: how many records of a category, and the RFC 6962 root over their keyed digests (HMAC-SHA-256 under the resident’s key).',
  access:
    'A resident was shown records of their own, under `self`: which, only they can read. Stands in the log before the data is read.',
  export:
    'A resident exported all records that are kept about them, under `self`. Stands in the log before the data is read.',
  erasure:
    'Whatever was kept about a resident was erased, under `self`, and every consent of this resident ended with it. The record that the law demands of provisions stays, under its own key, until its date.',
  staff:
    'One of the operator’s staff may have been shown records of a resident, under their unit, after another had approved it. Who they are, and what they wrote, only the resident can read. Stands in the log before the data is read.',
  restore:
    'The database went back behind entry `from` and took the entries up to `to` from the tiles again. Consents given in them are void, what was registered or approved in them is so no longer.',
  index:
    'The completeness index of the entries from `from` to before `to`: `n` different tags, and the RFC 6962 root over them. Ranges follow one another from 0.',
  rollup:
    'The completeness index of a whole month (UTC), beside the indexes and never instead of them. Ranges follow one another from 0.',
  close:
    'The last entry of a log: the origin of the next one, and its first key. Every tagged entry is indexed before.',
} as const satisfies Record<EntryKind, string>;

function oneOf(words: readonly string[]): readonly [pattern: string, sentence: string] {
  return [`"(${words.join('|')})"`, `one of ${words.map((word) => `\`${word}\``).join(', ')}`];
}
