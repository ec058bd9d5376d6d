/** URIs compare as RFC 3986 sections 6.2.2 and 6.2.3 say, and not a step further (95, P11, P12 of the attack list). */
import fc from 'fast-check';
import { normaliseUri } from '../../src/tokens/proof/uri.js';

const url = 'https://azukari.minatono.example/v1/residents/a~b';

test.each([
  'HTTPS://AZUKARI.Minatono.Example/v1/residents/a~b',
  'https://azukari.minatono.example:443/v1/residents/a~b',
  'https://azukari.minatono.example:/v1/residents/a~b',
  'https://azukari.minatono.example/v1/residents/a%7Eb',
  'https://azukari.minatono.example/v1/residents/a%7eb',
  'https://azukari.minatono.example/%76%31/residents/a~b',
  `${url}?program=p&from=2026-01-01`,
  `${url}#top`,
  `${url}?a?b#c#d`,
])('%s is the same', (spelling) => {
  expect(normaliseUri(spelling)).toBe(url);
});

test('an empty path is the root', () => {
  expect(normaliseUri('http://localhost:80')).toBe('http://localhost/');
  expect(normaliseUri('http://localhost?x')).toBe('http://localhost/');
});

test.each([
  'http://azukari.minatono.example/v1/residents/a~b',
  'https://azukari.minatono.example:8443/v1/residents/a~b',
  'https://azukari.minatono.example:80/v1/residents/a~b',
  'https://azukari.minatono.example./v1/residents/a~b',
  'https://other.example/v1/residents/a~b',
  'https://azukari.minatono.example/v1/residents/a~b/',
  'https://azukari.minatono.example//v1/residents/a~b',
  'https://azukari.minatono.example/V1/residents/a~b',
  'https://azukari.minatono.example/v1%2Fresidents/a~b',
  'https://azukari.minatono.example/v1%252Fresidents/a~b',
  'https://azukari.minatono.example/v1/residents/a~b;x',
])('%s is another', (spelling) => {
  expect(normaliseUri(spelling)).not.toBeNull();
  expect(normaliseUri(spelling)).not.toBe(url);
});

test.each([
  '',
  'azukari.minatono.example/v1',
  '//azukari.minatono.example/v1',
  '/v1',
  'https:/azukari.minatono.example/v1',
  'https:///v1',
  'ftp://azukari.minatono.example/v1',
  'https://user@azukari.minatono.example/v1',
  'https://azukari.minatono.example/v1/../v1/residents',
  'https://azukari.minatono.example/./v1',
  'https://azukari.minatono.example/v1/..',
  'https://azukari.minatono.example/v1/%2e%2E/residents',
  'https://azukari.minatono.example\\@other.example/v1',
  'https://azukari.minatono.example/v1\\residents',
  'https://azukari.minatono.example/v1 ',
  ' https://azukari.minatono.example/v1',
  'https://azukari.minatono.example/v1\n',
  'https://azukari.minatono.example/v1?a b',
  'https://azukari.minatono.example/住民',
  'https://預かり.example/v1',
  'https://azukari.minatono.example/%zz',
  'https://azukari.minatono.example/%',
  'https://azukari.minatono.example:123456/v1',
  'https://azukari.minatono.example:4a3/v1',
])('%j has no normal form', (text) => {
  expect(normaliseUri(text)).toBeNull();
});

test('a normal form is its own normal form, and no text breaks the function', () => {
  fc.assert(
    fc.property(fc.oneof(fc.webUrl({ withQueryParameters: true, withFragments: true }), fc.string()), (text) => {
      const normal = normaliseUri(text);
      if (normal !== null) expect(normaliseUri(normal)).toBe(normal);
    }),
    { seed: 20261121 },
  );
});

test('percent-encoding any unreserved character changes nothing; any other stays apart', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0x21, max: 0x7e }), (code) => {
      const character = String.fromCharCode(code);
      const encoded = `https://h.example/x%${code.toString(16)}`;
      const normal = normaliseUri(encoded);
      if (/[A-Za-z0-9._~-]/.test(character)) expect(normal).toBe(`https://h.example/x${character}`);
      else expect(normal).toBe(`https://h.example/x%${code.toString(16).toUpperCase()}`);
    }),
    { seed: 20261121 },
  );
});
