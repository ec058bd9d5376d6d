/**
 * `docs/log-entries.md` is made from the catalogue. After a change of the catalogue, `AZUKARI_WRITE_DOCS=1 npm test -- --testPathPatterns
 * log-entries` writes it anew; the reviewer reads the difference.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  entryBytesMax,
  type EntryKind,
  entryFields,
  entryMeanings,
  type Field,
  fieldTypes,
} from '../../src/transparency-log/entry-catalogue.js';
import { entryExamples } from './entry-examples.js';
import { formatEntry } from './entry-writer.js';

// This file runs from dist/test/transparency-log.
const file = join(resolve(import.meta.dirname, '../../..'), 'docs/log-entries.md');

test('docs/log-entries.md says what the catalogue of entries says', () => {
  if (process.env.AZUKARI_WRITE_DOCS === '1') writeFileSync(file, document());
  expect(readFileSync(file, 'utf8')).toBe(document());
});

function document(): string {
  const kinds = Object.keys(entryFields) as EntryKind[];
  return `# Log entries

Every entry of the transparency log is one line of ASCII JSON: no spaces, no escapes, integers only, at most ${entryBytesMax} bytes, its fields in
exactly the order given here. There is one spelling for each entry, and verifiers hash the bytes as they are served:
the leaf is \`SHA-256(0x00 ‖ line)\`, without a newline (RFC 6962).

Each entry begins with \`v\` (the integer 1), \`t\` (its kind) and \`at\` (${fieldTypes.time[1]}). A field never changes its
meaning; a new meaning gets a new field or a new kind. No entry names a person: \`tag\` and \`commitment\` are explained below.

This page is made from \`src/transparency-log/entry-catalogue.ts\`; a test compares the two.

## Kinds

${kinds
  .map((kind) => `| [\`${kind}\`](#${kind}) | ${entryMeanings[kind]} |`)
  .join('\n')
  .replace(/^/, '| Kind | Says |\n|---|---|\n')}

${kinds.map(section).join('\n')}
## Tag, commitment and salt

- \`tag\` = hex SHA-256(\`"azukari/tag/v1\\0"\` ‖ the 32 bytes of the pairwise id ‖ the first 7 characters of \`at\`). It is the same for one
  resident, one recipient and one month. Whoever may read entries can link these; nobody can link two recipients or two months.
- A pairwise id = HMAC-SHA-256(the resident's \`K_id\`, \`"azukari/ppid/v1\\0"\` ‖ the code). That of a unit (\`op:…\`) is made in two steps, of which the database
  keeps the first: SHA-256(\`"azukari/unit-id/v1\\0"\` ‖ HMAC-SHA-256(\`K_id\`, \`"azukari/units/v1\\0"\`) ‖ the code). With \`K_id\` = \`000102…1f\`: \`hamakaze-clinic\` knows
  the resident by \`50cc9e30daa8f58f2f9416e5169d9a678f285f1a2216d6c0fdfc6036595e7991\`, \`op:help-desk\` by
  \`e49ddab85b4b72e091852c4ee6691771020c29a8e00e2eddaf560539ee7944af\`.
- \`commitment\` = hex SHA-256(\`"azukari/commitment/v1\\0"\` ‖ 32 random bytes ‖ the detail), made before the data is read. The resident and the
  recipient hold the detail and can open it.
- \`salt\` = 32 random bytes. Hash tiles are public; without a salt, who sees the leaf of an entry that names nobody could find out what it says by
  trying what it may say.

## Completeness

The index of a range is a tree of RFC 6962. Its leaves stand in ascending order of their tags, one for each tag of an entry in the range:
\`tag (32 bytes) ‖ SHA-256(the indices of the entries with this tag, ascending, each a big-endian uint64)\`. \`n\` is their number; without any, the root is
the SHA-256 of nothing. A leaf therefore proves all entries of a tag in a range, and two neighbours prove that there are none. Tags alone suffice to
recompute it. The indexes of a log cover \`[0, to)\` without gap or overlap, and so do its rollups, each from the first entry of a month to the first of a later
one. \`azukari verify log\` and \`verify index\` recompute them all. An index may end before the place where it stands, so what the next one holds may be older than the one before: a
resident asks it for every month since the newest index that stands before all it holds.
`;
}

function section(kind: EntryKind): string {
  const rows = (entryFields[kind] as readonly Field[]).map(
    ({ name, type, optional }) => `| \`${name}\` | ${fieldTypes[type][1]} | ${presence(optional)} |`,
  );
  return `### ${kind}

${entryMeanings[kind]}

| Field | Value | Present |
|---|---|---|
${rows.join('\n')}

\`\`\`json
${formatEntry(entryExamples[kind])}
\`\`\`
`;
}

function presence(optional: Field['optional']): string {
  if (optional === undefined) return 'always';
  return optional === true ? 'where it applies' : `with \`${optional}\``;
}
