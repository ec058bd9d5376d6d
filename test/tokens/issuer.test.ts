/** PUBLIC_URL must be an origin, and https wherever others can listen. */
import { requireIssuer } from '../../src/tokens/server/issuer.js';

test.each([
  ['https://azukari.minatono.example', 'https://azukari.minatono.example'],
  ['https://azukari.minatono.example/', 'https://azukari.minatono.example'],
  ['https://azukari.minatono.example:8443', 'https://azukari.minatono.example:8443'],
  ['http://127.0.0.1:8480', 'http://127.0.0.1:8480'],
  ['http://localhost:8480', 'http://localhost:8480'],
  ['http://[::1]:8480', 'http://[::1]:8480'],
])('%s is taken', (publicUrl, issuer) => {
  expect(requireIssuer(publicUrl)).toBe(issuer);
});

test.each([
  '',
  'azukari.minatono.example',
  'ftp://azukari.minatono.example',
  'http://azukari.minatono.example',
  'http://127.0.0.1.evil.example',
  'http://10.0.0.1',
  'https://azukari.minatono.example/base',
  'https://azukari.minatono.example?x',
  'https://azukari.minatono.example#x',
  'https://user:pass@azukari.minatono.example',
  'https://AZUKARI.minatono.example',
  'https://azukari.minatono.example:443',
])('%j is refused', (publicUrl) => {
  expect(() => requireIssuer(publicUrl)).toThrow('PUBLIC_URL');
});
