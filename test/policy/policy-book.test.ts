/** The policy folder is read whole, strictly, and under a digest that nothing in it escapes. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, readFile, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadPolicyBook, type PolicyBook } from '../../src/policy/policy-book.js';
import { digestPolicyFiles, readPolicyFiles } from '../../src/policy/policy-files.js';
import { change, policies, shared, thePolicyBook, withACopy } from './the-policy-book.js';

let book: PolicyBook;

beforeAll(async () => {
  book = await thePolicyBook();
});

test('the catalogues hold the city’s fifteen categories and fourteen purposes', () => {
  expect([...book.categories.keys()]).toEqual([
    ...['activity.steps', 'childcare.record', 'disaster.evacuation', 'energy.electricity', 'health.checkup'],
    ...['health.immunization', 'health.prescription', 'health.vitals', 'mobility.trip', 'profile.contact'],
    ...['profile.household', 'purchase.history', 'tax.municipal', 'water.usage', 'welfare.care'],
  ]);
  expect([...book.purposes.keys()]).toEqual([
    ...['care.treatment', 'care.prevention', 'research.public-health', 'research.mobility', 'transport.planning'],
    ...['transport.on-demand', 'welfare.outreach', 'disaster.preparedness', 'childcare.support', 'energy.saving'],
    ...['retail.personalised-offer', 'insurance.incentive', 'city.statistics', 'city.service-improvement'],
  ]);
  const specialCare = [...book.categories.values()].filter((category) => category.specialCare !== null);
  expect(specialCare.map(({ code }) => code)).toEqual([
    ...['disaster.evacuation', 'health.checkup', 'health.immunization', 'health.prescription', 'welfare.care'],
  ]);
  expect(book.rules.size).toBeGreaterThanOrEqual(10);
});

/** Every `{ja, en}` anywhere in a value, with its place. */
function bilinguals(value: unknown, place: string): [place: string, ja: unknown, en: unknown][] {
  if (typeof value !== 'object' || value === null) return [];
  const here = 'ja' in value || 'en' in value ? [[place, Reflect.get(value, 'ja'), Reflect.get(value, 'en')]] : [];
  const below = Object.entries(value).flatMap(([key, part]) => bilinguals(part, `${place}.${key}`));
  return [...(here as [string, unknown, unknown][]), ...below];
}

test('every purpose, category, field, rule, notice, role and activity speaks Japanese and English', () => {
  const { purposes, categories, rules, notices, roles, statuses, forbiddenNumbers } = book;
  const lists = { purposes: [...purposes.values()], categories: [...categories.values()], rules: [...rules.values()] };
  const texts = bilinguals({ ...lists, notices: [...notices.values()], roles, statuses, forbiddenNumbers }, '');
  expect(texts.length).toBeGreaterThan(230);
  const lacking = texts.filter(
    ([, ja, en]) =>
      typeof ja !== 'string' ||
      typeof en !== 'string' ||
      !/[ぁ-んァ-ヶ一-龠]/.test(ja) ||
      /[ぁ-んァ-ヶ一-龠]/.test(en) ||
      !/[a-z]/i.test(en),
  );
  expect(lacking).toEqual([]);
});

test('the digest is SHA-256 over the paths and the contents, in order of path', async () => {
  const names = (await readdir(policies, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(policies.length + 1))
    .sort();
  const outer = createHash('sha256');
  for (const name of names) {
    const inner = createHash('sha256')
      .update(await readFile(join(policies, name)))
      .digest('hex');
    outer.update(`${name}\0${inner}\n`);
  }
  expect(book.digest).toBe(outer.digest('hex'));
});

test('the digest changes when any byte of any file changes, and when a file is added, renamed or removed', () =>
  withACopy(async (directory) => {
    const digest = async () => digestPolicyFiles(await readPolicyFiles(directory));
    const seen = new Set([await digest()]);
    expect(seen).toEqual(new Set([book.digest]));
    const paths = [...(await readPolicyFiles(directory)).keys()];
    for (const path of paths) {
      const bytes = await readFile(join(directory, path));
      const position = bytes.length >> 1;
      bytes[position]! ^= 1;
      await writeFile(join(directory, path), bytes);
      seen.add(await digest());
      bytes[position]! ^= 1;
      await writeFile(join(directory, path), bytes);
      expect(await digest()).toBe(book.digest);
    }
    await appendFile(join(directory, 'purposes.yaml'), '\n');
    seen.add(await digest());
    await writeFile(join(directory, 'empty.yaml'), '');
    seen.add(await digest());
    await rename(join(directory, 'empty.yaml'), join(directory, 'empty2.yaml'));
    seen.add(await digest());
    await rm(join(directory, 'roles.yaml'));
    seen.add(await digest());
    expect(seen.size).toBe(1 + paths.length + 4);
  }));

const breakages: [sentence: string, path: string, edit: (text: string) => string, error: string | RegExp][] = [
  [
    'a text in one language',
    'purposes.yaml',
    (yaml) => yaml.replace('name: { ja: 診療, en: Treatment }', 'name: { ja: 診療 }'),
    'policies/purposes.yaml at [0].name.en: ',
  ],
  [
    'an unknown member',
    'limits.yaml',
    (yaml) => `${yaml}moreDays: 3\n`,
    'policies/limits.yaml: Unrecognized key: "moreDays"',
  ],
  [
    'a key twice',
    'limits.yaml',
    (yaml) => `${yaml}targetYearsAhead: 3\n`,
    /^policies\/limits\.yaml at line \d+: Map keys must be unique/,
  ],
  [
    'a purpose twice',
    'purposes.yaml',
    (yaml) => yaml.replace('code: care.prevention', 'code: care.treatment'),
    'policies/purposes.yaml: care.treatment stands twice',
  ],
  [
    'an IRI that is not of DPV',
    'purposes.yaml',
    (yaml) => yaml.replace('https://w3id.org/dpv#CombatClimateChange', 'https://example.com/x'),
    'must be a DPV purpose IRI',
  ],
  [
    'a purpose that nobody registered',
    'categories/mobility.trip.yaml',
    (yaml) => yaml.replace('transport.planning', 'transport.plotting'),
    'policies/categories/mobility.trip.yaml at purposes: there is no purpose transport.plotting',
  ],
  [
    'a region that nobody drew',
    'categories/mobility.trip.yaml',
    (yaml) => yaml.replace('regions: japan', 'regions: moon'),
    'at limits.regions: there is no region moon',
  ],
  [
    'sensitive data abroad',
    'categories/health.vitals.yaml',
    (yaml) => yaml.replace('regions: japan', 'regions: equivalent'),
    'at limits.regions: sensitive data stay in Japan',
  ],
  [
    'special-care information that is not sensitive',
    'categories/welfare.care.yaml',
    (yaml) => yaml.replace('sensitivity: sensitive', 'sensitivity: general'),
    'at sensitivity: special-care information is sensitive',
  ],
  [
    'a code that is not the file’s',
    'categories/water.usage.yaml',
    (yaml) => yaml.replace('code: water.usage', 'code: water.wastage'),
    'at code: is not the name of the file',
  ],
  [
    'a path that cannot be read',
    'categories/water.usage.yaml',
    (yaml) => yaml.replace('[meterId]', "['meterId..x']"),
    'at fields[2].paths[0]: ',
  ],
  [
    'a field twice',
    'categories/water.usage.yaml',
    (yaml) => yaml.replace('- code: days', '- code: total'),
    'at fields: total stands twice',
  ],
  [
    'a schema that is none',
    'schemas/water.usage.json',
    (json) => json.replace('"object"', '"thing"'),
    'policies/schemas/water.usage.json: is not a JSON Schema for categories/water.usage.yaml',
  ],
  [
    'a schema that is not JSON',
    'schemas/water.usage.json',
    (json) => json.slice(2),
    'policies/schemas/water.usage.json: the file is not JSON',
  ],
  [
    'a rule without an id',
    'rules.cedar',
    (text) => text.replace('@id("abroad-only-with-consent")', ''),
    /rules\.cedar at rule \d+: a rule needs an @id/,
  ],
  [
    'a rule in one language',
    'rules.cedar',
    (text) => text.replace('@en("Sensitive data stay in Japan.")', ''),
    'policies/rules.cedar at sensitive-data-stays-in-japan: a rule needs one sentence',
  ],
  [
    'two rules of one id',
    'rules.cedar',
    (text) => text.replace('@id("law-is-recorded")', '@id("consent-is-recorded")'),
    'at consent-is-recorded: two rules have this id',
  ],
  [
    'a rule about what does not exist',
    'rules.cedar',
    (text) => text.replace('context.terms.region', 'context.terms.religion'),
    'policies/rules.cedar at sensitive-data-stays-in-japan: ',
  ],
  [
    'a rule that can never apply',
    'rules.cedar',
    (text) => text.replace('context.terms.legalBasis == "emergency"', 'context.terms.minimumAge < 0 && false'),
    'policies/rules.cedar at emergency-has-its-own-door: ',
  ],
  [
    'a rule that cannot be read',
    'rules.cedar',
    (text) => text.replace('permit (principal, action, resource)', 'permit (principal action, resource)'),
    /^policies\/rules\.cedar at line 9: /,
  ],
  [
    'a case of an unknown form',
    'cases/care.yaml',
    (yaml) => yaml.replace('expect: permit consent-is-recorded', 'expect: maybe'),
    'policies/cases/care.yaml at cases[0].expect: ',
  ],
  [
    'a case twice',
    'cases/city.yaml',
    (yaml) => yaml.replace('name: The university wants households', 'name: The university wants tax data'),
    'at The university wants tax data: two cases have this name',
  ],
  [
    'a status that is missing',
    'statuses.yaml',
    (yaml) => yaml.replace(/ {2}removed: .*\n/, ''),
    'policies/statuses.yaml at recipient.removed: ',
  ],
  [
    'an activity that nobody knows',
    'statuses.yaml',
    (yaml) => yaml.replace('draft: [apply,', 'draft: [applaud,'),
    'policies/statuses.yaml at program.draft[0]: ',
  ],
  [
    'a role set apart from none',
    'roles.yaml',
    (yaml) => yaml.replace('apartFrom: [operator]', 'apartFrom: [emperor]'),
    'policies/roles.yaml at auditor: there is no role emperor',
  ],
  [
    'a notice that tells one language less',
    'notices/withdrawal.yaml',
    (yaml) => yaml.replace('to {recipient} from now on', 'from now on'),
    'at effect: the two languages do not say the same',
  ],
  [
    'a number that cannot be found',
    'forbidden-numbers.yaml',
    (yaml) => yaml.replace(/labels: \[個人番号.*/, 'labels: []').replace(/keys: \[個人番号.*/, 'keys: []'),
    'at kinds[0]: nothing says how it is found',
  ],
];

test.each(breakages)(
  'a folder with %s is not loaded, and one error names the file and the place',
  (_, path, edit, error) =>
    withACopy(async (directory) => {
      await change(directory, path, edit);
      await expect(loadPolicyBook(directory)).rejects.toThrow(error);
    }),
);

test('the same text is one book for all nodes of a process, and a byte more is another', async () => {
  await withACopy(async (directory) => {
    const book = await loadPolicyBook(policies);
    expect(await loadPolicyBook(directory)).toBe(book);
    await change(directory, 'rules.cedar', (text) => `${text}\n`);
    const other = await loadPolicyBook(directory);
    expect([other === book, other.digest === book.digest]).toEqual([false, false]);
  });
});

test('bytes that are not UTF-8, a missing file, a stray file and a link are refused by name', async () => {
  await withACopy(async (directory) => {
    await writeFile(join(directory, 'roles.yaml'), Buffer.from([0xff, 0xfe]));
    await expect(loadPolicyBook(directory)).rejects.toThrow('policies/roles.yaml: the file is not UTF-8');
    await rm(join(directory, 'roles.yaml'));
    await expect(loadPolicyBook(directory)).rejects.toThrow('policies/roles.yaml: the file is missing');
    await symlink(join(policies, 'roles.yaml'), join(directory, 'roles.yaml'));
    await expect(loadPolicyBook(directory)).rejects.toThrow('policies/roles.yaml: is neither a file nor a folder');
  });
  await withACopy(async (directory) => {
    await mkdir(join(directory, 'drafts'));
    await writeFile(join(directory, 'drafts/rules.cedar'), '');
    await expect(loadPolicyBook(directory)).rejects.toThrow('policies/drafts/rules.cedar: no such file belongs here');
  });
});

const vocabulary = join(shared, 'dpv-2.3');
(existsSync(vocabulary) ? test : test.skip)('every DPV IRI is a term of the published vocabulary', async () => {
  const terms = async (path: string) => {
    const csv = await readFile(join(vocabulary, path), 'utf8');
    return new Set([...csv.matchAll(/^"[^"]*","class","([^"]+)"/gm)].map((match) => match[1]!));
  };
  const purposes = await terms('dpv/modules/purposes.csv');
  const personalData = await terms('pd/pd.csv');
  expect([...book.purposes.values()].map(({ dpv }) => dpv).filter((iri) => !purposes.has(iri))).toEqual([]);
  expect([...book.categories.values()].map(({ dpv }) => dpv).filter((iri) => !personalData.has(iri))).toEqual([]);
});
