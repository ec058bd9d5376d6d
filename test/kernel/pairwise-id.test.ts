/** By what ids recipients and units know a resident: made from the resident's key, as docs/log-entries.md says. */
import { createSecretKey } from 'node:crypto';
import { pairwiseIdOf } from '../../src/kernel/pairwise-id.js';

// Computed with Python's hmac and hashlib.
test.each([
  ['hamakaze-clinic', '50cc9e30daa8f58f2f9416e5169d9a678f285f1a2216d6c0fdfc6036595e7991'],
  ['op:help-desk', 'e49ddab85b4b72e091852c4ee6691771020c29a8e00e2eddaf560539ee7944af'],
])('%s knows a resident by an id that anybody with the key can compute', (code, id) => {
  const key = createSecretKey(Buffer.from(Array.from({ length: 32 }, (_, byte) => byte)));
  expect(pairwiseIdOf(key, code).toString('hex')).toBe(id);
});
