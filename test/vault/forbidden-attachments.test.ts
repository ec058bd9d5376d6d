import { createHash } from 'node:crypto';
import { stripForbiddenNumbers, type ForbiddenNumberRules } from '../../src/vault/forbidden-numbers.js';
import { thePolicyBook } from '../policy/the-policy-book.js';
import { base64, individualNumber as own } from './sample-numbers.js';

let rules: ForbiddenNumberRules;

beforeAll(async () => {
  rules = (await thePolicyBook()).forbiddenNumbers;
});

const strip = (record: unknown) => stripForbiddenNumbers(record, rules);
const attach = (contentType: string, data: string, more: object = {}) => ({
  attachment: { contentType, data, ...more },
});
const unreadable = [{ kind: 'unreadable-attachment', path: '/attachment/data' }];

/** CDA as checkup claims carry it: not well-formed, as the published sample is not. */
const cda = (symbol: string, number: string) => `<?xml version="1.0" encoding="utf-8"?>
<checkupClaim><subjectPerson><insuranceCard>
  <insurerNumber root="1.2.392.200119.6.101" extension="20011" />
  <symbol root="1.2.392.200119.6.204" extension="${symbol}" />
  <number root="1.2.392.200119.6.205" extension="${number}" />
</insuranceCard><name>健診 花子</name><addr><postalCode>000-0011</postalCodexx</addr></subjectPerson>
<checkupCard><id root="1.2.392.200119.6.209" extension="18522004438" /></checkupCard></checkupClaim>`;

describe('an attached file', () => {
  it('of XML is cleaned and encoded again, and the rest of it is byte for byte the same', () => {
    const { record, removed } = strip(attach('text/xml', base64(cda('111', '１'))));
    expect(record).toEqual(attach('text/xml', base64(cda('（削除）', '（削除）'))));
    expect(removed).toEqual([{ kind: 'insured-person-number', path: '/attachment/data' }]);
  });

  it('of JSON is cleaned as a record', () => {
    const { record } = strip(attach('application/json', base64(JSON.stringify({ 被保険者番号: '1', a: [own, 2] }))));
    expect(record).toEqual(attach('application/json', base64('{"a":[2]}')));
  });

  it('of CSV with a byte order mark keeps it', () => {
    const { record } = strip(attach('text/csv', base64('\ufeff氏名,個人番号\r\n太郎,123\r\n')));
    expect(record).toEqual(attach('text/csv', base64('\ufeff氏名,個人番号\r\n太郎,（削除）\r\n')));
  });

  it('of UTF-16 comes back as UTF-16', () => {
    const { record } = strip(attach('text/plain', Buffer.from(`\ufeff番号 ${own} 以上`, 'utf16le').toString('base64')));
    expect(record).toEqual(attach('text/plain', Buffer.from('\ufeff番号 （削除） 以上', 'utf16le').toString('base64')));
  });

  it('that is clean keeps its very text, line breaks in the base64 included', () => {
    const wrapped = base64('保健指導の記録です。歩数は一日7000歩。'.repeat(4)).replace(/.{76}/g, '$&\n');
    const record = attach('text/plain', wrapped, { size: 1, hash: 'x' });
    expect(strip(record)).toEqual({ record, removed: [] });
    // Nor does it change because something else had to.
    expect(strip({ ...record, note: own }).record).toEqual(record);
  });

  it('gets a size and hash that fit what is left', () => {
    const text = `番号 ${own}`;
    const hashOf = (content: string) => createHash('sha1').update(content).digest('base64');
    const { record } = strip(attach('text/plain', base64(text), { size: Buffer.byteLength(text), hash: hashOf(text) }));
    const left = '番号 （削除）';
    expect(record).toEqual(attach('text/plain', base64(left), { size: Buffer.byteLength(left), hash: hashOf(left) }));
  });

  it.each([
    ['a PDF', base64(`%PDF-1.7\n1 0 obj (${own}) endobj`)],
    ['a JPEG', base64(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 16, 74, 70))],
    ['an archive', base64(Uint8Array.of(0x50, 0x4b, 3, 4, 20, 0, 0, 0))],
    ['chance bytes', base64(Uint8Array.from({ length: 40 }, (_, position) => (position * 151 + 3) % 256))],
    ['no base64 at all', '*** 12 ***'],
  ])('that cannot be searched is removed and reported: %s', (_name, data) => {
    const { record, removed } = strip(
      attach('application/octet-stream', data, { title: '検査結果', size: 9, hash: 'x' }),
    );
    expect(record).toEqual({ attachment: { contentType: 'application/octet-stream', title: '検査結果' } });
    expect(removed).toEqual(unreadable);
  });

  it('in Shift_JIS stays when it is clean and goes when it is not, for want of an encoder', () => {
    const clean = Buffer.from('90ea96e58ae3', 'hex').toString('base64');
    expect(strip(attach('text/plain', clean)).removed).toEqual([]);
    const dirty = Buffer.concat([Buffer.from('94d48d86', 'hex'), Buffer.from(own)]).toString('base64');
    const { record, removed } = strip(attach('text/plain', dirty));
    expect(record).toEqual({ attachment: { contentType: 'text/plain' } });
    expect(removed).toEqual([{ kind: 'individual-number', path: '/attachment/data' }, ...unreadable]);
  });

  it('within a file is opened too, and a picture within one goes', () => {
    const inner = base64(cda('111', '222'));
    const picture = base64(Buffer.concat([Buffer.from('%PDF-1.4'), Buffer.alloc(90, 7)]));
    const { record } = strip(attach('text/xml', base64(`<a>${inner}</a><b>${picture}</b>`)));
    const expected = `<a>${base64(cda('（削除）', '（削除）'))}</a><b>（削除）</b>`;
    expect(record).toEqual(attach('text/xml', base64(expected)));
  });

  it('in a data URL is cleaned or removed in place', () => {
    const { record } = strip({
      a: `data:text/plain;base64,${base64(`x ${own}`)}`,
      b: `data:image/png;base64,iVBORw0KGgo=`,
    });
    expect(record).toEqual({
      a: `data:text/plain;base64,${base64('x （削除）')}`,
      b: 'data:image/png;base64,（削除）',
    });
  });

  it('packed into files too deep to follow is removed', () => {
    let file = `番号 ${own}`;
    for (let depth = 0; depth < 9; depth += 1) file = base64(file);
    expect(strip(attach('text/plain', file)).removed).toEqual(unreadable);
  });
});
