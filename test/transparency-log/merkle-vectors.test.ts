/**
 * The published proof vectors of transparency-dev/merkle, when they lie beside the repository (`../shared/inputs/merkle-vectors`). Each must be
 * answered as it says. Where they are missing, the test says so and counts none.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  verifyConsistency,
  verifyInclusion,
  verifySubtreeConsistency,
  verifySubtreeInclusion,
} from '../../src/transparency-log/merkle-proof.js';

// This file runs from dist/test/transparency-log.
const repository = resolve(import.meta.dirname, '../../..');
const directory = join(repository, '../shared/inputs/merkle-vectors/testdata');

interface Vector {
  desc: string;
  wantErr: boolean;
  leafIdx: number;
  treeSize: number;
  size1: number;
  size2: number;
  start: number;
  end: number;
  size: number;
  root: string;
  root1: string;
  root2: string;
  leafHash: string;
  proof: string[] | null;
}

const bytes = (base64: string): Buffer => Buffer.from(base64, 'base64');

const answers: Record<string, { expected: number; verify: (vector: Vector, proof: Buffer[]) => boolean }> = {
  inclusion: {
    expected: 98,
    verify: (vector, proof) =>
      verifyInclusion(bytes(vector.leafHash), vector.leafIdx, vector.treeSize, proof, bytes(vector.root)),
  },
  consistency: {
    expected: 98,
    verify: (vector, proof) =>
      verifyConsistency(vector.size1, vector.size2, proof, bytes(vector.root1), bytes(vector.root2)),
  },
  subtreeinclusion: {
    expected: 204,
    verify: ({ leafHash, leafIdx, start, end, root }, proof) =>
      verifySubtreeInclusion(bytes(leafHash), leafIdx, { start, end }, proof, bytes(root)),
  },
  subtreeconsistency: {
    expected: 118,
    verify: ({ start, end, size, root1, root2 }, proof) =>
      verifySubtreeConsistency({ start, end }, size, proof, bytes(root1), bytes(root2)),
  },
};

const present = existsSync(directory);

describe('the published Merkle proof vectors', () => {
  const total = Object.values(answers).reduce((sum, { expected }) => sum + expected, 0);
  const announce = present ? () => undefined : test.skip;
  announce(`are not beside the repository: ${total} vectors not run`, () => undefined);

  (present ? test : test.skip).each(Object.keys(answers))('of %s are answered as they say', (kind) => {
    const { expected, verify } = answers[kind]!;
    const files = readdirSync(join(directory, kind), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.json'),
    );
    const wrong = files.filter((file) => {
      const vector = JSON.parse(readFileSync(join(directory, kind, file), 'utf8')) as Vector;
      return verify(vector, (vector.proof ?? []).map(bytes)) === vector.wantErr;
    });
    expect(wrong).toEqual([]);
    expect(files.length).toBeGreaterThanOrEqual(expected);
  });
});
