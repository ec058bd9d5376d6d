/** Whatever a witness is asked, in whatever order and by whichever history the log signs: what it cosigns is one history that only grows. */
import fc from 'fast-check';
import { timestampOf } from '../../src/transparency-log/cosignature.js';
import { parseSignatureLines } from '../../src/transparency-log/note.js';
import { generateNoteKey, parseSigningKey } from '../../src/transparency-log/note-key.js';
import { Witness } from '../../src/transparency-log/witness/witness.js';
import { WitnessState } from '../../src/transparency-log/witness/witness-state.js';
import { aTemporaryDirectory } from '../setup/leftovers.js';
import { numberedLeaves } from '../transparency-log/naive-tree.js';
import { GrowingLog } from './a-growing-log.js';

const log = new GrowingLog('small.example/log', numberedLeaves(40));
const forks = [log, log.fork(3), log.fork(16), log.fork(33)];

async function withWitness<T>(keys: GrowingLog['key'][], clock: () => Date, work: (witness: Witness) => T): Promise<T> {
  const directory = await aTemporaryDirectory();
  const { skey, vkey } = generateNoteKey('witness.example/model', 'cosignature');
  WitnessState.create(`${directory}/state`, vkey);
  const state = WitnessState.open(`${directory}/state`, vkey);
  try {
    return work(new Witness(parseSigningKey(skey), keys, state, clock, () => undefined));
  } finally {
    state.close();
  }
}

const size = fc.integer({ min: 0, max: 40 });
const request = fc.record({
  history: fc.nat(3),
  // Mostly what the witness holds, or it would say no to nearly everything for that alone.
  oldSize: fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: size }),
  size,
});

test('what a witness cosigns is one history', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 5, maxLength: 20 }), (requests) =>
      withWitness([log.key], () => new Date(), (witness) => {
        let held = { size: 0, root: log.root(0) };
        for (const asked of requests) {
          const history = forks[asked.history]!;
          const oldSize = asked.oldSize ?? held.size;
          const { status, body } = witness.addCheckpoint(Buffer.from(history.request(oldSize, asked.size)));
          const isContinued = asked.size >= held.size && history.root(held.size).equals(held.root);
          const expected = oldSize > asked.size ? 400 : oldSize !== held.size ? 409 : isContinued ? 200 : 422;
          expect(status).toBe(expected);
          if (status === 409) expect(body).toBe(`${held.size}\n`);
          if (status === 200) held = { size: asked.size, root: history.root(asked.size) };
        }
      }),
    ),
    { numRuns: 25 },
  );
}); // prettier-ignore

test('a clock that is set back does not make a newer signature look older', async () => {
  let now = new Date('2026-11-26T09:00:00Z');
  await withWitness([log.key], () => now, (witness) => {
    const times = [10, 20, 30].map((size, n) => {
      const { body } = witness.addCheckpoint(Buffer.from(log.request(n * 10, size)));
      now = new Date(n === 0 ? '2020-01-01T00:00:00Z' : '2026-11-26T09:00:05Z');
      return timestampOf(parseSignatureLines(body)[0]!.signature);
    });
    expect(times).toEqual([1_795_683_600, 1_795_683_600, 1_795_683_605]);
  });
}); // prettier-ignore

test('the same checkpoint again within five seconds gets the same cosignature, and then a new one', async () => {
  let now = new Date('2026-11-26T09:00:00Z');
  await withWitness([log.key], () => now, (witness) => {
    const ask = (seconds: number, from: number, size = 10) => {
      now = new Date(Date.UTC(2026, 10, 26, 9, 0, seconds));
      return witness.addCheckpoint(Buffer.from(log.request(from, size))).body;
    };
    const first = ask(0, 0);
    expect([ask(1, 10), ask(4, 10)]).toEqual([first, first]);
    const later = ask(5, 10);
    expect(timestampOf(parseSignatureLines(later)[0]!.signature)).toBe(1_795_683_605);
    expect(ask(6, 10, 20)).not.toBe(later);
  });
}); // prettier-ignore

test('while a log changes its key, either key is enough, and a bad signature of either is not', async () => {
  const next = new GrowingLog(log.origin, numberedLeaves(40));
  await withWitness([log.key, next.key], () => new Date(), (witness) => {
    const add = (from: number, to: number, checkpoint: string) =>
      witness.addCheckpoint(Buffer.from(log.request(from, to, { checkpoint }))).status;
    const secondLine = (note: string) => note.slice(note.indexOf('\n\n') + 2);
    expect(add(0, 10, log.checkpoint(10))).toBe(200);
    expect(add(10, 20, log.checkpoint(20) + secondLine(next.checkpoint(20)))).toBe(200);
    expect(add(20, 25, log.checkpoint(25) + secondLine(next.checkpoint(24)))).toBe(403);
    expect(add(20, 30, next.checkpoint(30))).toBe(200);
  });
}); // prettier-ignore
