import fc from 'fast-check';
import { sign } from 'node:crypto';
import { cosign, cosignatureVerifier, timestampOf } from '../../src/transparency-log/cosignature.js';
import {
  noteVerifier,
  openNote,
  parseNote,
  parseSignatureLines,
  signatureLine,
  signNote,
} from '../../src/transparency-log/note.js';
import {
  encodeVerifierKey,
  generateNoteKey,
  isKeyName,
  parseSigningKey,
  parseVerifierKey,
} from '../../src/transparency-log/note-key.js';

// The example of c2sp.org/signed-note.
const exampleKey = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
const example =
  'This is an example message.\n\n' +
  '— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n';

// The example of Go's golang.org/x/mod/sumdb/note, which defined the format.
const goSigner = 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz';
const goVerifier = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const goText = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const goNote =
  `${goText}\n` +
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';

const opened = (note: string | Uint8Array, ...vkeys: string[]) =>
  openNote(note, vkeys.map(parseVerifierKey).map(noteVerifier));

describe('a signed note', () => {
  test('of the specification is accepted', () => {
    expect(opened(example, exampleKey).text).toBe('This is an example message.\n');
  });

  test('is written byte for byte as other implementations write it', () => {
    const key = parseSigningKey(goSigner);
    expect(encodeVerifierKey(key)).toBe(goVerifier);
    expect(signNote(goText, key)).toBe(goNote);
    expect(opened(Buffer.from(goNote), goVerifier).text).toBe(goText);
  });

  test('is refused after any change of one byte', () => {
    const bytes = Buffer.from(goNote);
    for (let position = 0; position < bytes.length; position += 1) {
      for (const value of new Set([bytes[position]! ^ 1, bytes[position]! ^ 0x20, 0x0a, 0x20, 0x41, 0xff])) {
        if (value === bytes[position]) continue;
        const changed = Buffer.from(bytes);
        changed[position] = value;
        expect(() => opened(changed, goVerifier)).toThrow();
      }
    }
  });

  test('may hold blank lines in its text: the signatures follow the last one', () => {
    const key = parseSigningKey(goSigner);
    const note = signNote('one\n\ntwo\n\n\n', key);
    expect(opened(note, goVerifier).text).toBe('one\n\ntwo\n\n\n');
  });

  test('is opened with the signatures of known keys only, each once', () => {
    const [first, second] = [generateNoteKey('one.example'), generateNoteKey('two.example')];
    const stranger = generateNoteKey('one.example');
    const note = signNote('text\n', ...[first, stranger, second, first].map(({ skey }) => parseSigningKey(skey)));
    const { signatures } = opened(note, first.vkey, second.vkey);
    expect(signatures.map(({ name }) => name)).toEqual(['one.example', 'two.example']);
  });

  test('is refused when no signer is known, or when a known key signed something else', () => {
    const [first, second] = [generateNoteKey('one.example'), generateNoteKey('two.example')];
    const [key, other] = [parseSigningKey(first.skey), parseSigningKey(second.skey)];
    expect(() => opened(signNote('text\n', other), first.vkey)).toThrow('No trusted key');
    expect(() => opened(signNote('text\n', key))).toThrow('No trusted key');
    const forged = signatureLine({ ...key, signature: sign(null, Buffer.from('other\n'), key.privateKey) });
    // A good signature of one known key does not make up for a bad one of another, nor for one of its own.
    expect(() => opened(signNote('text\n', other) + forged, first.vkey, second.vkey)).toThrow('does not verify');
    expect(() => opened(signNote('text\n', key) + forged, first.vkey)).toThrow('does not verify');
    expect(opened(signNote('text\n', other) + forged, second.vkey).signatures).toHaveLength(1);
    for (const length of [1, 63, 65]) {
      const odd = signatureLine({ ...key, signature: Buffer.alloc(length) });
      expect(() => opened(`text\n\n${odd}`, first.vkey)).toThrow('does not verify');
    }
  });

  test('carries at least sixteen signatures and at most a hundred', () => {
    const keys = Array.from({ length: 16 }, (_, n) => generateNoteKey(`signer-${n}.example`));
    const note = signNote('text\n', ...keys.map(({ skey }) => parseSigningKey(skey)));
    expect(opened(note, ...keys.map(({ vkey }) => vkey)).signatures).toHaveLength(16);
    const line = note.slice(note.indexOf('—')).split('\n')[0]!;
    expect(parseNote(`text\n\n${`${line}\n`.repeat(100)}`).signatures).toHaveLength(100);
    expect(() => parseNote(`text\n\n${`${line}\n`.repeat(101)}`)).toThrow('more than 100');
  });

  test.each([
    ['without a blank line', goNote.replace('\n\n', '\n'), 'no blank line'],
    ['without signatures', `${goText}\n`, 'does not end'],
    ['whose last line does not end', goNote.slice(0, -1), 'does not end'],
    ['with a blank line after the signatures', `${goNote}\n`, 'does not end'],
    ['with a carriage return', goNote.replace('\n', '\r\n'), 'control characters'],
    ['with a tab', goNote.replace(' you', '\tyou'), 'control characters'],
    ['with a lone surrogate', `\ud800\n${goNote}`, 'not UTF-8'],
    ['with a hyphen for the dash', goNote.replace('—', '-'), 'a dash'],
    ['with two spaces', goNote.replace('Neumann x', 'Neumann  x'), 'name and base64'],
    ['with a third word', goNote.replace('nAM=\n', 'nAM= x\n'), 'name and base64'],
    ['with a plus sign in a name', goNote.replace('PeterN', 'Peter+N'), 'name and base64'],
    ['with a no-break space in a name', goNote.replace('PeterN', 'Peter\u00a0N'), 'name and base64'],
    ['with a signature of four bytes', 'text\n\n— name AAAAAA==\n', 'not base64'],
    ['with base64 that leaves bits over', goNote.replace('nAM=', 'nAN='), 'not base64'],
    ['with unpadded base64', goNote.replace('nAM=\n', 'nAM\n'), 'not base64'],
    ['with base64url', goNote.replace('go/ZJ', 'go_ZJ'), 'not base64'],
    ['larger than a megabyte', `${'x'.repeat(1_000_000)}\n${goNote}`, 'larger than'],
  ])('%s is malformed', (_, note, message) => {
    expect(() => parseNote(note)).toThrow(message);
    if (note.isWellFormed()) expect(() => parseNote(Buffer.from(note))).toThrow(message);
  });

  test('with bytes that are not UTF-8 is malformed', () => {
    const bytes = Buffer.from(goNote);
    bytes[3] = 0xff;
    expect(() => parseNote(bytes)).toThrow('not UTF-8');
  });

  test('comes back as it went in, whatever its text', () => {
    const key = parseSigningKey(goSigner);
    const line = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/\p{Cc}|\p{Cs}/gu, ''));
    fc.assert(
      fc.property(fc.array(line, { minLength: 1 }), (lines) => {
        const text = `${lines.join('\n')}\n`;
        expect(opened(Buffer.from(signNote(text, key)), goVerifier).text).toBe(text);
      }),
    );
  });
});

describe('a key', () => {
  test('generated is read back, and its two halves belong together', () => {
    for (const type of ['ed25519', 'cosignature'] as const) {
      const { skey, vkey } = generateNoteKey('minatono.azukari.example/log/2026', type);
      expect(encodeVerifierKey(parseSigningKey(skey))).toBe(vkey);
      expect(encodeVerifierKey(parseVerifierKey(vkey))).toBe(vkey);
      expect(parseVerifierKey(vkey).type).toBe(type);
    }
  });

  test.each([
    ['another id', exampleKey.replace('530d903a', '530d903b')],
    ['another name', exampleKey.replace('foo', 'fop')],
    ['an upper-case id', exampleKey.replace('530d903a', '530D903A')],
    ['a short id', exampleKey.replace('530d903a', '30d903a')],
    ['an unknown type', exampleKey.replace('+Ae', '+Bu')],
    ['a byte too few', exampleKey.replace('3U2k', '')],
    ['white space', ` ${exampleKey}`],
    ['a newline', `${exampleKey}\n`],
    ['a private key in its place', goSigner],
    ['nothing', ''],
  ])('with %s is refused', (_, vkey) => {
    expect(() => parseVerifierKey(vkey)).toThrow('The key is not written');
  });

  test('that is private is refused when its id belongs to another key', () => {
    expect(() => parseSigningKey(goSigner.replace('c74f20a3', 'c74f20a4'))).toThrow('The key is not written');
    expect(() => parseSigningKey(goVerifier)).toThrow('PRIVATE+KEY+');
  });

  test('has a name without spaces, plus signs and control characters', () => {
    for (const name of ['a', 'example.com/log', '港野市/記録']) expect(isKeyName(name)).toBe(true);
    for (const name of ['', 'a b', 'a+b', 'a\u3000b', 'a\u0085b', 'a\u2028b', 'a\u0000b', '\ud800']) {
      expect(isKeyName(name)).toBe(false);
    }
  });
});

describe('a cosignature', () => {
  const witness = generateNoteKey('witness.example/w1', 'cosignature');
  const key = parseSigningKey(witness.skey);
  const verifier = cosignatureVerifier(parseVerifierKey(witness.vkey));
  const text = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';

  test('is over its header, its time and the text, in the form of the specification', () => {
    const { signature } = cosign(text, key, 1679315147);
    expect(signature).toHaveLength(8 + 64);
    expect(signature.readBigUInt64BE(0)).toBe(1679315147n);
    const message = `cosignature/v1\ntime 1679315147\n${text}`;
    expect(signature.subarray(8)).toEqual(sign(null, Buffer.from(message), key.privateKey));
    expect(verifier.verify(Buffer.from(text), signature)).toBe(true);
    expect(timestampOf(signature)).toBe(1679315147);
  });

  test('holds for no other text, time or length, and is no plain signature', () => {
    const { signature } = cosign(text, key, 1679315147);
    expect(verifier.verify(Buffer.from(text.replace('20852163', '20852164')), signature)).toBe(false);
    for (let bit = 0; bit < signature.length * 8; bit += 1) {
      const changed = Buffer.from(signature);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(verifier.verify(Buffer.from(text), changed)).toBe(false);
    }
    expect(verifier.verify(Buffer.from(text), signature.subarray(0, -1))).toBe(false);
    expect(verifier.verify(Buffer.from(text), signature.subarray(8))).toBe(false);
    expect(verifier.verify(Buffer.from(text), sign(null, Buffer.from(text), key.privateKey))).toBe(false);
  });

  test('stands as a line that a client can read by itself', () => {
    const line = signatureLine(cosign(text, key, 1));
    expect(line.startsWith('— witness.example/w1 ')).toBe(true);
    expect(parseSignatureLines(line)).toHaveLength(1);
    expect(() => parseSignatureLines('')).toThrow();
  });
});
