import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { PolicyBook } from '../../src/policy/policy-book.js';
import { requireCategory } from '../../src/policy/policy-book.js';
import { validateRecord } from '../../src/policy/record-validation.js';
import { stripForbiddenNumbers } from '../../src/vault/forbidden-numbers.js';
import { aCheckupBundle } from '../policy/a-checkup-bundle.js';
import { jsonFilesUnder, shared, thePolicyBook } from '../policy/the-policy-book.js';

interface Resource {
  resourceType: string;
  text?: { div: string };
  extension?: { url: string }[];
  dependent?: string;
  content?: { attachment: { data: string } }[];
}
interface Bundle {
  entry: { resource: Resource }[];
}

let book: PolicyBook;
beforeAll(async () => {
  book = await thePolicyBook();
});

/** The bundle as it must come back, made by hand from what the samples are known to hold. */
function withoutNumbers(bundle: Bundle): Bundle {
  const copy = structuredClone(bundle);
  for (const { resource } of copy.entry) {
    if (resource.resourceType === 'Coverage') {
      delete resource.extension;
      delete resource.dependent;
      const text = resource.text;
      if (text) text.div = text.div.replace('１２３４５・６７８９０', '（削除）').replace('枝番：01', '枝番：（削除）');
    }
    for (const { attachment } of resource.content ?? []) {
      const xml = Buffer.from(attachment.data, 'base64').toString('utf8');
      const cleaned = xml.replace(/(6\.20[45]" extension=")[^"]*/g, '$1（削除）');
      attachment.data = Buffer.from(cleaned, 'utf8').toString('base64');
    }
  }
  return copy;
}

const samples = join(shared, 'fhir-jp-municipal-checkup');

describe('published municipal checkup reports', () => {
  it('lose symbol, number and branch and nothing else', async () => {
    if (!existsSync(samples)) return;
    const files = (await jsonFilesUnder(samples)).filter(({ name }) => !name.includes('malformed'));
    expect(files.length).toBeGreaterThan(15);
    for (const { name, text } of files) {
      const bundle = JSON.parse(text) as Bundle;
      const { record, removed } = stripForbiddenNumbers(bundle, book.forbiddenNumbers);
      expect({ name, record }).toEqual({ name, record: withoutNumbers(bundle) });
      expect(new Set(removed.map(({ kind }) => kind))).toEqual(new Set(['insured-person-number']));
    }
  });

  it('hold no symbol and no number afterwards, not even inside base64', async () => {
    if (!existsSync(samples)) return;
    for (const { name, text } of await jsonFilesUnder(samples)) {
      if (name.includes('malformed')) continue;
      const { record } = stripForbiddenNumbers(JSON.parse(text), book.forbiddenNumbers);
      const files = [...JSON.stringify(record).matchAll(/"data":"([^"]+)"/g)].map(([, data]) =>
        Buffer.from(data!, 'base64').toString('utf8'),
      );
      for (const content of [JSON.stringify(record), ...files]) {
        expect(content).not.toMatch(
          /１２３４５|６７８９０|７８９０１|InsuredPerson(?:Symbol|Number)|extension="(?:111|１)"/,
        );
      }
    }
  });

  it('keep the form of their category', async () => {
    const category = requireCategory(book, 'health.checkup');
    const { record } = stripForbiddenNumbers(aCheckupBundle(), book.forbiddenNumbers);
    expect(validateRecord(category, record)).toEqual({ ok: true });
    if (!existsSync(samples)) return;
    for (const { name, text } of await jsonFilesUnder(join(samples, 'alias-resolved'))) {
      const before = validateRecord(category, JSON.parse(text)).ok;
      const after = validateRecord(category, stripForbiddenNumbers(JSON.parse(text), book.forbiddenNumbers).record).ok;
      expect({ name, ok: after }).toEqual({ name, ok: before });
    }
  });
});
