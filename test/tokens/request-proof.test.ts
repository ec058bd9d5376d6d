/** The resource server's own check of token and proof, without a database (87–103, 117 and P6–P12 of the attack list; RFC 9449 section 4.3). */
import type { IncomingMessage } from 'node:http';
import { type Code, Mistake } from '../../src/kernel/errors.js';
import { wwwAuthenticate } from '../../src/tokens/proof/challenge.js';
import { proofRequestOf, type ProofRequest, verifyProof } from '../../src/tokens/proof/request-proof.js';
import { aProof, type Changes, encodePart, newKeys, seconds, signCompact } from './a-client.js';

const url = 'https://azukari.minatono.example/v1/residents/abc/records?program=p-checkup';
const htu = 'https://azukari.minatono.example/v1/residents/abc/records';
const accessToken = 'A'.repeat(43);
const keys = newKeys('ES256');
const now = new Date();

const proofWith = (changes: Changes = {}) => aProof(keys, { method: 'GET', url: htu, accessToken, ...changes });
const header = (changes: Record<string, unknown>) => proofWith({ header: changes });
const payload = (changes: Record<string, unknown>) => proofWith({ payload: changes });

function requestWith(changes: Partial<ProofRequest> = {}): ProofRequest {
  return { method: 'GET', url, authorizationHeaders: [`DPoP ${accessToken}`], dpopHeaders: [proofWith()], ...changes };
}

function codeOf(request: ProofRequest): Code | 'accepted' {
  try {
    verifyProof(request, now);
    return 'accepted';
  } catch (error) {
    if (error instanceof Mistake) return error.code;
    throw error;
  }
}

const dpop = (compact: string) => ({ dpopHeaders: [compact] });
const authorization = (...lines: string[]) => ({ authorizationHeaders: lines });
const rawPayload = (text: string) => signCompact({ typ: 'dpop+jwt', alg: 'ES256', jwk: keys.jwk }, text, keys);
const rsa = newKeys('RS256');

describe('accepted', () => {
  test.each<[string, () => Partial<ProofRequest>]>([
    ['a plain proof', () => ({})],
    ['P6 made 10 seconds ago', () => dpop(payload({ iat: seconds(-10) }))],
    ['P6 made 10 seconds ahead', () => dpop(payload({ iat: seconds(10) }))],
    ['made 55 seconds ago', () => dpop(payload({ iat: seconds(-55) }))],
    ['made at a fraction of a second', () => dpop(payload({ iat: seconds() + 0.25 }))],
    [
      'P8 with headers and claims of its own',
      () => dpop(proofWith({ header: { kid: 'k', x: [1] }, payload: { note: '覚え', acr: 1 } })),
    ],
    ['P8 with nbf and exp', () => dpop(payload({ nbf: seconds(-5), exp: seconds(60) }))],
    ['P10 scheme dpop', () => authorization(`dpop ${accessToken}`)],
    ['P10 scheme DPOP', () => authorization(`DPOP ${accessToken}`)],
    ['two spaces after the scheme', () => authorization(`DPoP  ${accessToken}`)],
    ['P11 htu with query and fragment', () => dpop(payload({ htu: `${url}#x` }))],
    ['P11 htu with another query', () => dpop(payload({ htu: `${htu}?other` }))],
    [
      'P12 htu in upper case with the default port',
      () =>
        dpop(payload({ htu: htu.replace('https://azukari.minatono.example', 'HTTPS://AZUKARI.MINATONO.EXAMPLE:443') })),
    ],
    ['typ in another case', () => dpop(header({ typ: 'DPoP+JWT' }))],
    ['jti of 256 characters', () => dpop(payload({ jti: 'j'.repeat(256) }))],
    ['Ed25519 called EdDSA', () => dpop(aProof(newKeys('EdDSA'), { method: 'GET', url: htu, accessToken }))],
    [
      'Ed25519 called Ed25519',
      () => dpop(aProof(newKeys('EdDSA'), { method: 'GET', url: htu, accessToken, header: { alg: 'Ed25519' } })),
    ],
    ['PS256', () => dpop(aProof(newKeys('PS256'), { method: 'GET', url: htu, accessToken }))],
  ])('%s', (_what, changes) => {
    expect(codeOf(requestWith(changes()))).toBe('accepted');
  });
});

const refused: [what: string, code: Code, changes: () => Partial<ProofRequest>][] = [
  ['87 two proofs', 'invalid-dpop-proof', () => ({ dpopHeaders: [proofWith(), proofWith()] })],
  ['87 two proofs in one line', 'invalid-dpop-proof', () => dpop(`${proofWith()}, ${proofWith()}`)],
  [
    '87 the same proof twice',
    'invalid-dpop-proof',
    () =>
      dpop(
        [1, 1]
          .fill(0)
          .map(() => proofWith())
          .join(','),
      ),
  ],
  ['88 not a token', 'invalid-dpop-proof', () => dpop('proof')],
  ['88 an empty line', 'invalid-dpop-proof', () => dpop('')],
  ['88 no signature', 'invalid-dpop-proof', () => dpop(proofWith().replace(/[^.]+$/, ''))],
  ['88 another signature', 'invalid-dpop-proof', () => dpop(proofWith().replace(/[^.]+$/, 'A'.repeat(86)))],
  [
    '88 signed by another key',
    'invalid-dpop-proof',
    () => dpop(aProof({ ...newKeys(), jwk: keys.jwk }, { method: 'GET', url: htu, accessToken })),
  ],
  [
    '88 a payload changed afterwards',
    'invalid-dpop-proof',
    () => {
      const [first, , last] = proofWith().split('.');
      return dpop([first, encodePart({ htm: 'GET', htu, iat: seconds(), jti: 'x' }), last].join('.'));
    },
  ],
  ['89 no typ', 'invalid-dpop-proof', () => dpop(header({ typ: undefined }))],
  ['89 typ JWT', 'invalid-dpop-proof', () => dpop(header({ typ: 'JWT' }))],
  ['89 typ with a space', 'invalid-dpop-proof', () => dpop(header({ typ: 'DPOP+JWT ' }))],
  ['89 typ is an array', 'invalid-dpop-proof', () => dpop(header({ typ: ['dpop+jwt'] }))],
  ['90 alg none', 'invalid-dpop-proof', () => dpop(header({ alg: 'none' }))],
  ['90 alg HS256', 'invalid-dpop-proof', () => dpop(header({ alg: 'HS256' }))],
  ['90 alg RS256', 'invalid-dpop-proof', () => dpop(aProof(rsa, { method: 'GET', url: htu, accessToken }))],
  ['90 alg of another type of key', 'invalid-dpop-proof', () => dpop(header({ alg: 'PS256' }))],
  ['90 no alg', 'invalid-dpop-proof', () => dpop(header({ alg: undefined }))],
  ['91 no jwk', 'invalid-dpop-proof', () => dpop(header({ jwk: undefined }))],
  ['91 jwk is a string', 'invalid-dpop-proof', () => dpop(header({ jwk: JSON.stringify(keys.jwk) }))],
  ['91 a private jwk', 'invalid-dpop-proof', () => dpop(header({ jwk: keys.privateKey.export({ format: 'jwk' }) }))],
  ['91 a symmetric jwk', 'invalid-dpop-proof', () => dpop(header({ jwk: { kty: 'oct', k: 'AAAA' } }))],
  [
    '91 x and y swapped',
    'invalid-dpop-proof',
    () => dpop(header({ jwk: { ...keys.jwk, x: keys.jwk.y, y: keys.jwk.x } })),
  ],
  ['92 crit', 'invalid-dpop-proof', () => dpop(header({ crit: ['x'], x: 1 }))],
  ['93 no jti', 'invalid-dpop-proof', () => dpop(payload({ jti: undefined }))],
  ['93 jti is a number', 'invalid-dpop-proof', () => dpop(payload({ jti: 7 }))],
  ['93 jti is empty', 'invalid-dpop-proof', () => dpop(payload({ jti: '' }))],
  ['93 jti of 257 characters', 'invalid-dpop-proof', () => dpop(payload({ jti: 'j'.repeat(257) }))],
  ['93 jti of 10 KiB', 'invalid-dpop-proof', () => dpop(payload({ jti: 'j'.repeat(10240) }))],
  ['94 no htm', 'invalid-dpop-proof', () => dpop(payload({ htm: undefined }))],
  ['94 htm of another method', 'invalid-dpop-proof', () => dpop(payload({ htm: 'POST' }))],
  ['94 htm in lower case', 'invalid-dpop-proof', () => dpop(payload({ htm: 'get' }))],
  ['95 no htu', 'invalid-dpop-proof', () => dpop(payload({ htu: undefined }))],
  ['95 htu is a number', 'invalid-dpop-proof', () => dpop(payload({ htu: 7 }))],
  ['95 htu is relative', 'invalid-dpop-proof', () => dpop(payload({ htu: '/v1/residents/abc/records' }))],
  ['95 another host', 'invalid-dpop-proof', () => dpop(payload({ htu: htu.replace('azukari.', 'other.') }))],
  ['95 another path', 'invalid-dpop-proof', () => dpop(payload({ htu: `${htu}x` }))],
  ['95 http', 'invalid-dpop-proof', () => dpop(payload({ htu: htu.replace('https', 'http') }))],
  ['95 dot segments', 'invalid-dpop-proof', () => dpop(payload({ htu: htu.replace('/v1', '/a/../v1') }))],
  ['95 an encoded slash', 'invalid-dpop-proof', () => dpop(payload({ htu: htu.replace('/abc', '%2Fabc') }))],
  ['97 made an hour ago', 'clock-skew', () => dpop(payload({ iat: seconds(-3600) }))],
  ['97 made an hour ahead', 'clock-skew', () => dpop(payload({ iat: seconds(3600) }))],
  ['97 made 200 seconds ahead', 'clock-skew', () => dpop(payload({ iat: seconds(200) }))],
  ['97 made 70 seconds ago', 'clock-skew', () => dpop(payload({ iat: seconds(-70) }))],
  ['97 made in 1970', 'clock-skew', () => dpop(payload({ iat: 0 }))],
  ['97 no iat', 'invalid-dpop-proof', () => dpop(payload({ iat: undefined }))],
  ['97 iat is a string', 'invalid-dpop-proof', () => dpop(payload({ iat: String(seconds()) }))],
  ['97 iat is negative', 'invalid-dpop-proof', () => dpop(payload({ iat: -seconds() }))],
  [
    '97 iat is beyond every number',
    'invalid-dpop-proof',
    () => dpop(rawPayload(JSON.stringify({ htm: 'GET', htu, jti: 'x', iat: 1 }).replace('"iat":1', '"iat":1e309'))),
  ],
  ['97 exp has passed', 'invalid-dpop-proof', () => dpop(payload({ exp: seconds(-120) }))],
  ['97 nbf has not come', 'invalid-dpop-proof', () => dpop(payload({ nbf: seconds(3600) }))],
  [
    '98 a claim named twice',
    'invalid-dpop-proof',
    () => dpop(rawPayload(`{"htm":"POST","htm":"GET","htu":"${htu}","jti":"x","iat":${seconds()}}`)),
  ],
  [
    '100 ath of another token',
    'invalid-dpop-proof',
    () => dpop(aProof(keys, { method: 'GET', url: htu, accessToken: 'B'.repeat(43) })),
  ],
  ['100 no ath', 'invalid-dpop-proof', () => dpop(payload({ ath: undefined }))],
  ['101 Bearer with a proof', 'invalid-token', () => authorization(`Bearer ${accessToken}`)],
  [
    '101 Bearer without a proof',
    'invalid-token',
    () => ({ ...authorization(`Bearer ${accessToken}`), dpopHeaders: [] }),
  ],
  ['101 Basic', 'invalid-token', () => authorization('Basic eDp5')],
  ['102 no token', 'invalid-token', () => authorization()],
  ['102 an empty Authorization', 'invalid-token', () => authorization('')],
  ['102 the scheme alone', 'invalid-token', () => authorization('DPoP')],
  ['102 two tokens in one line', 'invalid-token', () => authorization(`DPoP ${accessToken} ${accessToken}`)],
  ['103 no proof', 'invalid-dpop-proof', () => ({ dpopHeaders: [] })],
  ['105 a nonce we never gave', 'invalid-dpop-proof', () => dpop(payload({ nonce: 'n' }))],
  [
    '109 an unsigned JWT as token',
    'invalid-token',
    () => authorization(`DPoP ${encodePart({ alg: 'none', typ: 'at+jwt' })}.${encodePart({ sub: 'x' })}.`),
  ],
  [
    '109 a signed JWT as token',
    'invalid-token',
    () => authorization(`DPoP ${signCompact({ alg: 'ES256', typ: 'at+jwt' }, { sub: 'x' }, keys)}`),
  ],
  ['109 a token too long by one', 'invalid-token', () => authorization(`DPoP ${accessToken}A`)],
  [
    '117 two Authorization headers',
    'invalid-request',
    () => authorization(`DPoP ${accessToken}`, `DPoP ${accessToken}`),
  ],
];

describe('refused', () => {
  test.each(refused)('%s: %s', (_what, code, changes) => {
    expect(codeOf(requestWith(changes()))).toBe(code);
    expect(codeOf(requestWith())).toBe('accepted');
  });
});

describe('what a good proof yields', () => {
  test('the same use has the same name, another use or key another', () => {
    const name = (compact: string) => verifyProof(requestWith(dpop(compact)), now).jtiSha256.toString('hex');
    const first = payload({ jti: 'one' });
    expect(name(payload({ jti: 'one', note: 'signed anew' }))).toBe(name(first));
    expect(name(payload({ jti: 'two' }))).not.toBe(name(first));
    expect(name(aProof(newKeys(), { method: 'GET', url: htu, accessToken, payload: { jti: 'one' } }))).not.toBe(
      name(first),
    );
  });

  test('it is remembered for longer than any node can take it', () => {
    const iat = seconds(55);
    const { expiresAt } = verifyProof(requestWith(dpop(payload({ iat }))), now);
    expect(expiresAt.getTime() / 1000 - iat).toBeGreaterThanOrEqual(60 + 60);
  });
});

describe('the request as the world made it', () => {
  const message = (url: string, ...rawHeaders: string[]) => ({ method: 'GET', url, rawHeaders }) as IncomingMessage;
  const publicUrl = 'https://azukari.minatono.example';

  test('takes host and scheme from PUBLIC_URL and every header line as it came', () => {
    const raw = message(
      '/v1/x?y',
      'Host',
      'evil.example',
      'X-Forwarded-Host',
      'evil.example',
      'DPOP',
      'a',
      'dpop',
      'b',
      'Authorization',
      'DPoP t',
    );
    expect(proofRequestOf(raw, publicUrl)).toEqual({
      method: 'GET',
      url: `${publicUrl}/v1/x?y`,
      authorizationHeaders: ['DPoP t'],
      dpopHeaders: ['a', 'b'],
    });
  });

  test.each(['http://evil.example/v1/x', '*', 'evil.example:443', ''])('target %j is no path of ours', (target) => {
    expect(() => proofRequestOf(message(target), publicUrl)).toThrow(Mistake);
  });

  test('117 a session cookie beside an access token is refused', () => {
    const both = ['Authorization', 'DPoP t', 'Cookie', 'theme=dark; azukari_session=s'];
    expect(() => proofRequestOf(message('/v1/x', ...both), publicUrl)).toThrow('either a session or an access token');
    expect(proofRequestOf(message('/v1/x', 'Cookie', 'azukari_session=s'), publicUrl).authorizationHeaders).toEqual([]);
  });
});

test.each<[Code, string | null]>([
  ['invalid-token', 'DPoP error="invalid_token"'],
  ['token-expired', 'DPoP error="invalid_token"'],
  ['wrong-audience', 'DPoP error="invalid_token"'],
  ['invalid-dpop-proof', 'DPoP error="invalid_dpop_proof"'],
  ['replayed-dpop-proof', 'DPoP error="invalid_dpop_proof"'],
  ['clock-skew', 'DPoP error="invalid_dpop_proof"'],
  ['insufficient-scope', 'DPoP error="insufficient_scope"'],
  ['no-consent', null],
])('the challenge for %s', (code, beginning) => {
  const value = wwwAuthenticate(new Mistake(code, 'detail'));
  if (beginning === null) expect(value).toBeNull();
  else
    expect(value).toMatch(
      new RegExp(`^${beginning}, error_description="[ -!#-~]+", algs="ES256 PS256 EdDSA Ed25519"$`),
    );
});

test('who brings no credentials is told the scheme and no error', () => {
  let thrown: unknown = null;
  try {
    verifyProof(requestWith(authorization()), now);
  } catch (error) {
    thrown = error;
  }
  expect(wwwAuthenticate(thrown as Mistake)).toBe('DPoP algs="ES256 PS256 EdDSA Ed25519"');
});
