/** Reads a C2SP tlog-proof and verifies inclusion as RFC 9162 section 2.1.3.2 does it, with plain arithmetic: 32-bit operators would misread large logs. */
import { fromBase64, isEqual, type Bytes } from './bytes.js';
import { nodeHash } from './merkle.js';

export interface Proof {
  readonly index: number;
  readonly hashes: readonly Bytes[];
  /** The signed checkpoint, verbatim. */
  readonly checkpoint: Bytes;
}

/** The proof, or null when the text is none. Extra data is not authenticated, and passed over. */
export function parseProof(text: string): Proof | null {
  const blank = text.indexOf('\n\n');
  const [header, ...lines] = text.slice(0, Math.max(blank, 0)).split('\n');
  if (header !== 'c2sp.org/tlog-proof@v1') return null;
  const [, extra] = /^extra (.*)$/.exec(lines[0] ?? '') ?? [];
  if (extra !== undefined && fromBase64(extra) === null) return null;
  if (extra !== undefined) lines.shift();
  const [, digits] = /^index (0|[1-9]\d{0,15})$/.exec(lines.shift() ?? '') ?? [];
  const index = digits === undefined ? NaN : Number(digits);
  if (!Number.isSafeInteger(index) || lines.length > 63) return null;
  const hashes: Bytes[] = [];
  for (const line of lines) {
    const hash = fromBase64(line);
    if (hash?.length !== 32) return null;
    hashes.push(hash);
  }
  return { index, hashes, checkpoint: new TextEncoder().encode(text.slice(blank + 2)) };
}

/** Whether the leaf with this hash stands at `index` in the tree of `size` with this root. */
export async function isIncluded(leaf: Bytes, { index, hashes }: Proof, size: number, root: Bytes): Promise<boolean> {
  if (index >= size) return false;
  let [hash, first, last] = [leaf, index, size - 1];
  for (const sibling of hashes) {
    if (last === 0) return false;
    if (first % 2 === 1 || first === last) {
      hash = await nodeHash(sibling, hash);
      // A subtree without a sibling on its right moves up as it is.
      while (first % 2 === 0 && first !== 0) [first, last] = [first / 2, Math.floor(last / 2)];
    } else hash = await nodeHash(hash, sibling);
    [first, last] = [Math.floor(first / 2), Math.floor(last / 2)];
  }
  return last === 0 && isEqual(hash, root);
}
