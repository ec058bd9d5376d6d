/** The list of those who consent is personal data too: page by page, each page an untagged entry with its count and a proof. */
import { parseProof } from '../../src/transparency-log/proof.js';
import { openCheckpoint } from '../../src/transparency-log/checkpoint.js';
import { leafHash } from '../../src/transparency-log/merkle.js';
import { verifyInclusion } from '../../src/transparency-log/merkle-proof.js';
import { parseVerifierKey } from '../../src/transparency-log/note-key.js';
import type { Reader } from '../setup/a-reader.js';
import { type AProgram, must, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';

let town: Town;
let program: AProgram;
let reader: Reader;
let consents: { consentId: string; pairwiseId: string; resident: number }[];

beforeAll(async () => {
  town = await Town.open();
});
beforeEach(async () => {
  program = await town.program();
  reader = await town.reader(program);
  const given = await Promise.all(
    [0, 1, 2, 3, 4, 5, 6].map(async (resident) => ({
      resident,
      ...(await town.give(town.resident(resident), program)),
    })),
  );
  consents = given.sort((left, right) =>
    Buffer.from(left.pairwiseId, 'base64url').compare(Buffer.from(right.pairwiseId, 'base64url')),
  );
});
afterAll(() => closeSoundly(town));

interface Page {
  residents: string[];
  next: string | null;
  receipt: { entry: string; proof: string };
}

const page = async (query: Record<string, string> = {}) => must(await reader.list(query)).json as unknown as Page;
const idsOf = (some = consents) => some.map(({ pairwiseId }) => pairwiseId);

test('page by page, everybody who consents is there once', async () => {
  const pages = [await page({ limit: '3' })];
  while (pages.at(-1)!.next !== null) pages.push(await page({ limit: '3', cursor: pages.at(-1)!.next! }));
  expect(pages.map(({ residents }) => residents.length)).toEqual([3, 3, 1]);
  expect(pages.flatMap(({ residents }) => residents)).toEqual(idsOf());
});

test('a page that ends with the last of them says so', async () => {
  expect((await page({ limit: '7' })).next).toBeNull();
  expect((await page({ limit: '6' })).next).toBe(consents[5]!.pairwiseId);
  expect(await page({ cursor: consents[6]!.pairwiseId })).toMatchObject({ residents: [], next: null });
});

test('each page is one untagged entry with its count, and comes with the proof of it', async () => {
  const lines = await town.linesOf(async () => {
    const queries: Record<string, string>[] = [
      { limit: '3' },
      { limit: '3', cursor: idsOf()[2]! },
      { cursor: idsOf()[6]! },
    ];
    for (const query of queries) {
      const { receipt } = await page(query);
      const proof = parseProof(receipt.proof);
      const { origin, vkey } = town.demo.log;
      const { size, root } = openCheckpoint(proof.checkpoint, { origin, logKeys: [parseVerifierKey(vkey)] });
      expect(verifyInclusion(leafHash(Buffer.from(receipt.entry)), proof.index, size, proof.hashes, root)).toBe(true);
    }
  });
  expect(lines.map(({ t, count, program: of, tag }) => [t, count, of, tag])).toEqual(
    [3, 3, 0].map((count) => ['list', count, program.id, undefined]),
  );
  // Hash tiles are public: two lists alike must not have leaves that somebody could try.
  const salts = lines.map(({ salt }) => salt as string);
  expect(salts.every((salt) => /^[0-9a-f]{64}$/.test(salt))).toBe(true);
  expect(new Set(salts).size).toBe(3);
});

test('who withdraws between two pages is on neither', async () => {
  const { next } = await page({ limit: '2' });
  must(await town.withdraw(town.resident(consents[3]!.resident), consents[3]!.consentId));
  const rest = await page({ limit: '10', cursor: next! });
  expect(rest.residents).toEqual(idsOf().filter((_, position) => position >= 2 && position !== 3));
});

test('a consent that is paused, over, or to an earlier version is not on the list', async () => {
  const [paused, over] = consents;
  await town.admin.query(`UPDATE azukari.consent SET state = 'paused' WHERE id = $1`, [paused!.consentId]);
  await town.admin.query(
    `UPDATE azukari.consent SET given_at = given_at - interval '1 day', ends_at = clock_timestamp() WHERE id = $1`,
    [over!.consentId],
  );
  expect((await page()).residents).toEqual(idsOf(consents.slice(2)));
});

test('a list waits for its checkpoint: what it names is covered by what was published', async () => {
  const { receipt } = await page();
  const note = await (await fetch(`${town.base}/log/checkpoint`)).text();
  expect(parseProof(receipt.proof).index).toBeLessThan(Number(note.split('\n')[1]));
});
