import fc from 'fast-check';
import { encodeProof, parseProof } from '../../src/transparency-log/proof.js';

const checkpoint =
  'example.com/fancylog\n109482\nsFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=\n\n— example.com/fancylog hI2DJwAA\n';
const line = 'gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=';
const text = `c2sp.org/tlog-proof@v1\nindex 73894\n${line}\n${line}\n\n${checkpoint}`;

describe('a tlog-proof', () => {
  test('is read as the specification writes it', () => {
    const proof = parseProof(text);
    expect(proof.index).toBe(73894);
    expect(proof.hashes.map((hash) => Buffer.from(hash).toString('base64'))).toEqual([line, line]);
    expect(proof.checkpoint).toBe(checkpoint);
    expect(encodeProof(proof)).toBe(text);
  });

  test('may carry extra data, which we never write', () => {
    const withExtra = text.replace('index', 'extra YWdl\nindex');
    expect(Buffer.from(parseProof(withExtra).extra!).toString()).toBe('age');
    expect(encodeProof(parseProof(withExtra))).toBe(withExtra);
    expect(encodeProof(parseProof(text))).not.toContain('extra');
  });

  test('comes back as it went in', () => {
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(fc.nat({ max: Number.MAX_SAFE_INTEGER }), fc.array(hash, { maxLength: 63 }), (index, hashes) => {
        const proof = parseProof(encodeProof({ index, hashes, checkpoint }));
        expect(proof.index).toBe(index);
        expect(proof.hashes.map((bytes) => [...bytes])).toEqual(hashes.map((bytes) => [...bytes]));
        expect(proof.checkpoint).toBe(checkpoint);
      }),
    );
  });

  test.each([
    ['another version', text.replace('@v1', '@v2')],
    ['a line before it', `\n${text}`],
    ['carriage returns', text.replaceAll('\n', '\r\n')],
    ['no index', text.replace('index 73894\n', '')],
    ['a leading zero in its index', text.replace('73894', '073894')],
    ['a negative index', text.replace('73894', '-1')],
    ['an index of 2^53', text.replace('73894', '9007199254740992')],
    ['a short hash', text.replace(line, 'gSKyXoYZ')],
    ['a hash that is not base64', text.replace('gSKy', 'gS-y')],
    ['a hash with bits left over', text.replace('PlQ=', 'PlR=')],
    ['sixty-four hashes', text.replace(line, Array(63).fill(line).join('\n'))],
    ['extra data that is not base64', text.replace('index', 'extra ?\nindex')],
    ['extra data after the index', text.replace(line, 'extra YWdl')],
    ['no blank line', text.replace('\n\n', '\n').replace('\n\n', '\n')],
    ['nothing in it', ''],
  ])('with %s is malformed', (_, changed) => {
    expect(() => parseProof(changed)).toThrow('The proof is malformed');
  });
});
