import { emptyRoot } from '../../src/transparency-log/merkle.js';
import {
  formatCheckpoint,
  openCheckpoint,
  parseCheckpointText,
  parseTrust,
  peekCheckpoint,
  signCheckpoint,
} from '../../src/transparency-log/checkpoint.js';
import { cosign } from '../../src/transparency-log/cosignature.js';
import { signatureLine, signNote } from '../../src/transparency-log/note.js';
import { generateNoteKey, parseSigningKey } from '../../src/transparency-log/note-key.js';
import { origin, signingKey, trust, vkey } from './a-log.js';

const root = Buffer.alloc(32, 0x5a);
const note = signCheckpoint({ origin, size: 70_000, root }, signingKey);

describe('a checkpoint', () => {
  test('is origin, size and root on three lines, and a signature by the key of the same name', () => {
    expect(formatCheckpoint({ origin, size: 0, root: emptyRoot })).toBe(
      'minatono.azukari.example/log/2026\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n',
    );
    expect(note).toMatch(
      /^minatono\.azukari\.example\/log\/2026\n70000\n(Wlpa){10}Wlo=\n\n— minatono\.azukari\.example\/log\/2026 [A-Za-z0-9+/]{91}=\n$/,
    );
  });

  test('of the specification is read', () => {
    const text = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';
    const parsed = parseCheckpointText(text);
    expect(parsed).toMatchObject({ origin: 'example.com/behind-the-sofa', size: 20852163, extensions: [] });
    expect(formatCheckpoint(parsed)).toBe(text);
  });

  test('counts up to 2^53 - 1 and keeps extension lines apart', () => {
    const line = `${Buffer.alloc(32).toString('base64')}\n`;
    expect(parseCheckpointText(`o\n9007199254740991\n${line}`).size).toBe(2 ** 53 - 1);
    expect(parseCheckpointText(`o\n1\n${line}more\nand more\n`).extensions).toEqual(['more', 'and more']);
  });

  test.each([
    ['no root', 'o\n1\n'],
    ['no origin', `\n1\n${root.toString('base64')}\n`],
    ['a leading zero', `o\n01\n${root.toString('base64')}\n`],
    ['a sign', `o\n+1\n${root.toString('base64')}\n`],
    ['a size of 2^53', `o\n9007199254740992\n${root.toString('base64')}\n`],
    ['a size in hex', `o\n0x1\n${root.toString('base64')}\n`],
    ['digits that are not ASCII', `o\n１\n${root.toString('base64')}\n`],
    ['a short root', `o\n1\n${root.subarray(1).toString('base64')}\n`],
    ['a root in base64url', `o\n1\n${Buffer.alloc(32, 0xff).toString('base64url')}=\n`],
    ['an empty line', `o\n1\n${root.toString('base64')}\n\nx\n`],
    ['an unfinished line', `o\n1\n${root.toString('base64')}`],
  ])('with %s is malformed', (_, text) => {
    expect(() => parseCheckpointText(text)).toThrow('The checkpoint is malformed');
  });

  test('is opened with the pinned key', () => {
    expect(openCheckpoint(note, trust)).toMatchObject({ origin, size: 70_000, root, cosignatures: [] });
    expect(peekCheckpoint(note).origin).toBe(origin);
  });

  test('is refused after any change of one byte', () => {
    const bytes = Buffer.from(note);
    for (let position = 0; position < bytes.length; position += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const changed = Buffer.from(bytes);
        changed[position]! ^= 1 << bit;
        expect(() => openCheckpoint(changed, trust)).toThrow();
      }
    }
  });

  test('of another log is refused even when the key is the same', () => {
    const other = signCheckpoint({ origin: 'other.example/log', size: 1, root }, signingKey);
    expect(() => openCheckpoint(other, trust)).toThrow('belongs to another log');
  });

  test('of a key of the same name is refused', () => {
    const stranger = parseSigningKey(generateNoteKey(origin).skey);
    expect(() => openCheckpoint(signCheckpoint({ origin, size: 1, root }, stranger), trust)).toThrow('No trusted key');
  });

  test('signed by two keys during a rotation is opened with either', () => {
    const next = generateNoteKey(origin);
    const both = signCheckpoint({ origin, size: 1, root }, signingKey, parseSigningKey(next.skey));
    expect(openCheckpoint(both, trust).size).toBe(1);
    expect(openCheckpoint(both, parseTrust({ origin, vkeys: [next.vkey] })).size).toBe(1);
    expect(openCheckpoint(both, parseTrust({ origin, vkeys: [vkey, next.vkey] })).size).toBe(1);
  });
});

describe('witnesses', () => {
  const witnesses = ['w1.example', 'w2.example', 'w3.example'].map((name) => generateNoteKey(name, 'cosignature'));
  const lines = witnesses.map(({ skey }, position) =>
    signatureLine(cosign(note.slice(0, note.indexOf('\n\n') + 1), parseSigningKey(skey), 1_700_000_000 + position)),
  );
  const witnessed = (quorum: number) =>
    parseTrust({ origin, vkeys: [vkey], witnessVkeys: witnesses.map((key) => key.vkey), quorum });

  test('count towards the quorum, each with its time', () => {
    expect(openCheckpoint(note + lines[0] + lines[2], witnessed(2)).cosignatures).toEqual([
      { name: 'w1.example', timestamp: 1_700_000_000 },
      { name: 'w3.example', timestamp: 1_700_000_002 },
    ]);
    expect(() => openCheckpoint(note + lines[0], witnessed(2))).toThrow('1 cosigned, 2 are needed');
    expect(() => openCheckpoint(note + lines[0] + lines[0], witnessed(2))).toThrow('1 cosigned, 2 are needed');
  });

  test('do not replace the signature of the log', () => {
    const text = note.slice(0, note.indexOf('\n\n') + 1);
    expect(() => openCheckpoint(`${text}\n${lines.join('')}`, witnessed(2))).toThrow('the log itself did not sign');
  });

  test('do not vouch for another checkpoint', () => {
    const other = signNote(formatCheckpoint({ origin, size: 70_001, root }), signingKey);
    expect(() => openCheckpoint(other + lines[0], witnessed(1))).toThrow('does not verify');
  });
});

describe('what is trusted', () => {
  const witness = generateNoteKey('w.example', 'cosignature');

  test.each([
    ['no key', { vkeys: [] }, 'needs a key'],
    ['a key twice', { vkeys: [vkey, vkey] }, 'given twice'],
    ['a witness for a log', { vkeys: [witness.vkey] }, 'type 1'],
    ['a log for a witness', { vkeys: [vkey], witnessVkeys: [vkey] }, 'type 4'],
    ['a witness twice', { vkeys: [vkey], witnessVkeys: [witness.vkey, witness.vkey] }, 'given twice'],
    ['more than all witnesses', { vkeys: [vkey], witnessVkeys: [witness.vkey], quorum: 2 }, '2 of 1'],
  ])('is not %s', (_, pinned, message) => {
    expect(() => parseTrust({ origin, ...pinned })).toThrow(message);
  });
});
