/**
 * Promise 7: Two recipients cannot tell from identifiers, tokens, receipts, log or metadata that they hold data of the same person; direct
 * identifiers inside payloads are fields of their own, removed unless consented.
 */
import { decodePairwiseId } from '../../src/kernel/pairwise-id.js';
import { tagOf } from '../../src/transparency-log/tag.js';
import { type AReceipt, linesOf, type Reader, receiptOf, recordsOf, verified } from '../setup/a-reader.js';
import { type AProgram, type DemoResident, must, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';

let town: Town;
/** The same categories and fields for both, so that whatever differs does so on purpose. */
const programs: AProgram[] = [];
const readers: Reader[] = [];
/** A woman of 63 with a checkup, steps and contact data. */
let person: DemoResident;
let somebodyElse: DemoResident;

const stepFields = ['steps', 'time', 'provenance'];
const checkupFields = ['document', 'results', 'questionnaire', 'sex', 'encounter'];

beforeAll(async () => {
  town = await Town.open();
  person = town.resident(3);
  somebodyElse = town.resident(2);
  for (const [recipient, purpose] of [
    ['hamakaze-clinic', 'care.prevention'],
    ['minatono-university', 'research.public-health'],
  ] as const) {
    const program = await town.program(recipient, {
      items: [
        { purpose, category: 'activity.steps', fields: stepFields },
        { purpose, category: 'health.checkup', fields: checkupFields },
      ],
    });
    programs.push(program);
    readers.push(await town.reader(program));
  }
});
afterAll(() => closeSoundly(town));

interface Held {
  pairwiseId: string;
  text: string;
  receipt: AReceipt;
  /** Everything of the answer that could name somebody. */
  identifiers: Set<string>;
}

/**
 * UUIDs, and unbroken strings long enough to be an id, a digest or a token. Days, times and the codes of checkup items (JLAC10) are what was
 * measured; the hashes of a proof are the tree's, which neighbours share.
 */
function identifiersIn(value: unknown, found = new Set<string>()): Set<string> {
  if (typeof value === 'string') {
    for (const part of value.match(/[A-Za-z0-9_+/=-]{16,}/g) ?? [])
      if (!/^\d{4}-\d\d-\d\d|^\d[0-9A-Z]\d{15}$/.test(part)) found.add(part);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) if (name !== 'proof') identifiersIn(member, found);
  }
  return found;
}

async function hold(position: number, resident: DemoResident): Promise<Held> {
  const { pairwiseId } = await town.give(resident, programs[position]!);
  const answer = must(await readers[position]!.read(pairwiseId));
  expect(new Set(recordsOf(answer).map(({ category }) => category))).toEqual(
    new Set(['activity.steps', 'health.checkup']),
  );
  return { pairwiseId, text: answer.text, receipt: receiptOf(answer), identifiers: identifiersIn(answer.json) };
}

test('what two recipients hold of one person has no identifier in common that is not in everybody’s data', async () => {
  const [clinic, university] = [await hold(0, person), await hold(1, person)];
  const others = new Set<string>();
  for (const number of [0, 1, 2, 7])
    for (const identifier of (await hold(0, town.resident(number))).identifiers) others.add(identifier);
  const inBoth = [...clinic.identifiers].filter((identifier) => university.identifiers.has(identifier));
  expect(inBoth.filter((identifier) => !others.has(identifier))).toEqual([]);
  // Able to fail: what the same recipient gets twice does have identifiers in common.
  const again = identifiersIn(must(await readers[0]!.read(clinic.pairwiseId)).json);
  expect(
    [...again].filter((identifier) => clinic.identifiers.has(identifier) && !others.has(identifier)).length,
  ).toBeGreaterThan(10);
});

test('pairwise ids, record ids, receipts, tags and tokens are each recipient’s own', async () => {
  const [clinic, university] = [await hold(0, person), await hold(1, person)];
  const [first, second] = [clinic, university].map(({ receipt }) => verified(receipt, town.demo));
  const pairs = [
    [clinic.pairwiseId, university.pairwiseId],
    [clinic.receipt.nonce, university.receipt.nonce],
    [first!.entry.tag, second!.entry.tag],
    [first!.entry.commitment, second!.entry.commitment],
    [first!.detail.request, second!.detail.request],
    [readers[0]!.token, readers[1]!.token],
  ];
  for (const [own, others] of pairs) expect(own).not.toBe(others);
  // The tag follows from the pairwise id, so it is no better known than that.
  expect(first!.entry.tag).toBe(tagOf(decodePairwiseId(clinic.pairwiseId)!, first!.entry.at));
});

test('no answer carries a header by which a person could be followed', async () => {
  const headersOf = async (reader: Reader, name: string) => {
    const { recipient, token } = reader;
    const path = reader.pathOf(name);
    const answer = await fetch(town.base + path, {
      headers: { authorization: `DPoP ${token}`, dpop: recipient.proof('GET', path, token) },
    });
    await answer.text();
    expect(answer.status).toBe(200);
    return Object.fromEntries([...answer.headers].filter(([header]) => !['date', 'content-length'].includes(header)));
  };
  const { pairwiseId } = await hold(0, person);
  const other = await hold(0, somebodyElse);
  const headers = await headersOf(readers[0]!, pairwiseId);
  // The same for two different people, so it says nothing of either.
  expect(headers).toEqual(await headersOf(readers[0]!, other.pairwiseId));
  expect(headers).not.toHaveProperty('etag');
  expect(headers).not.toHaveProperty('set-cookie');
  expect(headers['cache-control']).toContain('no-store');
});

test('the place in a list tells nothing: it is the order of ids that are unrelated from list to list', async () => {
  const residents = [0, 1, 2, 3, 4, 5, 6, 7].map((number) => town.resident(number));
  const lists = await Promise.all(
    programs.map(async (program, position) => {
      const ids = await Promise.all(residents.map(async (resident) => (await town.give(resident, program)).pairwiseId));
      const listed = must(await readers[position]!.list()).json.residents as string[];
      const ascending = ids.toSorted((left, right) =>
        Buffer.from(left, 'base64url').compare(Buffer.from(right, 'base64url')),
      );
      expect(listed).toEqual(ascending);
      expect(
        new Set(
          linesOf(must(await readers[position]!.stream({ limit: 8 }))).flatMap(({ pairwiseId }) => pairwiseId ?? []),
        ),
      ).toEqual(new Set(ids));
      return ids;
    }),
  );
  expect(lists[0]!.filter((id) => lists[1]!.includes(id))).toEqual([]);
});

test('name, address, telephone and mail are fields of their own, and are not there unless consented to', async () => {
  const contact = (fields: string[]) =>
    town.program('minatono-welfare', { items: [{ purpose: 'welfare.outreach', category: 'profile.contact', fields }] });
  const read = async (program: AProgram) => {
    const { pairwiseId } = await town.give(person, program);
    return must(await (await town.reader(program)).read(pairwiseId));
  };
  const everything = recordsOf(await read(await contact(['name', 'address', 'phone', 'email', 'district'])))[0]!.data;
  const direct = ['name', 'kana', 'address', 'postalCode', 'phone', 'email'].flatMap((member) =>
    strings(everything[member]),
  );
  expect(direct).toContain(person.name);
  expect(direct.length).toBeGreaterThanOrEqual(5);

  const withoutNames = recordsOf(await read(await contact(['district', 'language'])))[0]!.data;
  expect(Object.keys(withoutNames).sort()).toEqual(['district', 'id', 'preferredLanguage']);

  // Checkups carry the person in the document itself: nothing of it reaches either recipient.
  for (const { text } of [await hold(0, person), await hold(1, person)]) {
    for (const value of direct) expect(text).not.toContain(value);
  }
});

function strings(value: unknown): string[] {
  if (typeof value === 'string') return value.length < 3 ? [] : [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(strings) : [];
}

test('the public part of the log names nobody: no id of either recipient stands in it', async () => {
  const [clinic, university] = [await hold(0, person), await hold(1, person)];
  const lines = (await town.log()).map(({ text }) => text).join('\n');
  for (const { pairwiseId } of [clinic, university]) {
    expect(lines).not.toContain(pairwiseId);
    expect(lines).not.toContain(decodePairwiseId(pairwiseId)!.toString('hex'));
  }
  expect(lines).not.toContain(person.id);
  const tags = [clinic, university].map(({ receipt }) => (JSON.parse(receipt.entry) as { tag: string }).tag);
  const recipientsOf = (tag: string) =>
    new Set(
      lines
        .split('\n')
        .filter((line) => line.includes(tag))
        .map((line) => (JSON.parse(line) as { recipient: string }).recipient),
    );
  expect(tags.map(recipientsOf)).toEqual([new Set(['hamakaze-clinic']), new Set(['minatono-university'])]);
});
