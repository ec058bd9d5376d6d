/** Who waits for a checkpoint gets it, or is told in time that there is none, whatever happens to the clock meanwhile. */
import { CheckpointWaiters } from '../../src/transparency-log/checkpoint-waiters.js';
import type { PublishedCheckpoint } from '../../src/transparency-log/log-store.service.js';

const checkpointOf = (size: number): PublishedCheckpoint => ({
  ...{ base: 0, size, root: Buffer.alloc(32), note: `of ${size} entries` },
  publishedAt: new Date(0),
});

const now = Date.now;
afterEach(() => {
  Date.now = now;
});

/** From here on the clock of this machine is an hour behind. */
function setClockBack(): void {
  Date.now = () => now() - 3_600_000;
}

function waitersOver(read: () => PublishedCheckpoint | null, isFrozen = false): CheckpointWaiters {
  return new CheckpointWaiters({
    ...{ read: () => Promise.resolve(read()), isFrozen: () => Promise.resolve(isFrozen), waitMaxMs: 250 },
    late: ['log-unavailable', 'it took too long'],
  });
}

test('what another process published is found after the signer of this one has told its last', async () => {
  const waiters = waitersOver(() => checkpointOf(9));
  waiters.tell(checkpointOf(5));
  expect((await waiters.covering(4)).size).toBe(5);
  setClockBack();
  expect((await waiters.covering(8)).size).toBe(9);
});

test('who waits in vain is told so in time', async () => {
  const waiters = waitersOver(() => checkpointOf(5));
  const waiting = waiters.covering(5);
  setClockBack();
  await expect(waiting).rejects.toMatchObject({ code: 'log-unavailable' });
});

test('in a frozen log nobody waits', async () => {
  const waiters = waitersOver(() => null, true);
  await expect(waiters.covering(0)).rejects.toMatchObject({ message: expect.stringContaining('frozen') as string });
});
