import fc from 'fast-check';
import { setTimeout as pause } from 'node:timers/promises';
import { Batcher } from '../../src/kernel/batcher.js';
import { inParallel } from '../../src/kernel/in-parallel.js';

test('each item gets its own answer, whatever batch it travels in', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer(), { maxLength: 60 }),
      fc.integer({ min: 1, max: 9 }),
      async (items, sizeMax) => {
        const sizes: number[] = [];
        const batcher = new Batcher(async (batch: number[]) => {
          sizes.push(batch.length);
          await pause(0);
          return batch.map((item) => item * 2);
        }, sizeMax);
        expect(await Promise.all(items.map((item) => batcher.submit(item)))).toEqual(items.map((item) => item * 2));
        expect(Math.max(0, ...sizes)).toBeLessThanOrEqual(sizeMax);
      },
    ),
    { numRuns: 50 },
  );
});

test('what arrives while a batch runs travels together in the next', async () => {
  const sizes: number[] = [];
  const batcher = new Batcher(async (batch: number[]) => {
    sizes.push(batch.length);
    await pause(20);
    return batch;
  }, 100);
  const first = batcher.submit(0);
  await pause(5);
  await Promise.all([first, ...Array.from({ length: 40 }, (_, item) => batcher.submit(item))]);
  expect(sizes).toEqual([1, 40]);
});

test('a batch that fails fails its own items only, and the next one runs', async () => {
  let isBroken = true;
  const batcher = new Batcher(async (batch: number[]) => {
    if (isBroken) throw new Error('broken');
    return batch;
  }, 10);
  await expect(batcher.submit(1)).rejects.toThrow('broken');
  isBroken = false;
  await expect(batcher.submit(2)).resolves.toBe(2);
});

test('a batch that answers too few items fails all of them, rather than answer one for another', async () => {
  const batcher = new Batcher((batch: number[]) => Promise.resolve(batch.slice(1)), 10);
  const answers = await Promise.allSettled([batcher.submit(1), batcher.submit(2)]);
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});

test('work in parallel is done once for each item, a few at a time, and stops starting at the first failure', async () => {
  const done: number[] = [];
  let running = 0;
  let runningMost = 0;
  await inParallel([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
    running += 1;
    runningMost = Math.max(runningMost, running);
    await pause(1);
    running -= 1;
    done.push(item);
  });
  expect(done.toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(runningMost).toBe(3);
  const started: number[] = [];
  const failing = inParallel([1, 2, 3, 4, 5, 6], 2, async (item) => {
    started.push(item);
    await pause(1);
    if (item === 2) throw new Error('two');
  });
  await expect(failing).rejects.toThrow('two');
  expect(started.length).toBeLessThan(6);
});
