/**
 * Text as a searcher wants it: full-width forms folded (Unicode NFKC), invisible characters gone, numeric character references
 * resolved, one kind of hyphen. Every place in it leads back to the place in the original, so that only what is found is touched.
 */

export interface PlainText {
  readonly plain: string;
  /** Turns a half-open range of `plain` into the range of the original that it came from. */
  originalRange(start: number, end: number): readonly [start: number, end: number];
}

// The long-vowel mark is typed for a hyphen, but only between digits does it stand for one.
const hyphens = /[\u2010-\u2015\u2212]|(?<=\p{Nd}\s?)\u30fc(?=\s?\p{Nd})/gu;
const invisible = /[\p{Cf}\ufe00-\ufe0f]/u;
const characterReference = /&#(?:x([0-9a-f]{1,6})|([0-9]{1,7}));/iy;

export function toPlainText(text: string): PlainText {
  const isSimple = !text.includes('&#') && !invisible.test(text) && text.normalize('NFKC') === text;
  if (isSimple) return { plain: text.replace(hyphens, '-'), originalRange: (start, end) => [start, end] };
  return mapCharacters(text);
}

function mapCharacters(text: string): PlainText {
  const pieces: string[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  for (let position = 0; position < text.length;) {
    const { character, length } = characterAt(text, position);
    const folded = invisible.test(character) ? '' : character.normalize('NFKC');
    pieces.push(folded);
    for (let unit = 0; unit < folded.length; unit += 1) {
      starts.push(position);
      ends.push(position + length);
    }
    position += length;
  }
  return {
    plain: pieces.join('').replace(hyphens, '-'),
    originalRange: (start, end) => [starts[start]!, ends[end - 1]!],
  };
}

function characterAt(text: string, position: number): { character: string; length: number } {
  characterReference.lastIndex = position;
  const reference = text[position] === '&' ? characterReference.exec(text) : null;
  if (reference) {
    const code = reference[1] !== undefined ? Number.parseInt(reference[1], 16) : Number(reference[2]);
    if (code > 0 && code <= 0x10ffff) return { character: String.fromCodePoint(code), length: reference[0].length };
  }
  const character = String.fromCodePoint(text.codePointAt(position)!);
  const next = text[position + character.length];
  // A half-width kana and its sound mark fold into one character only together.
  const cluster = next === '\uff9e' || next === '\uff9f' ? character + next : character;
  return { character: cluster, length: cluster.length };
}
