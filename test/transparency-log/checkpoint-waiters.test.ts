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

/** What has come before any timer went off; null where nothing has. */
function atOnce(waiting: Promise<PublishedCheckpoint>): Promise<PublishedCheckpoint | null> {
  return Promise.race([waiting, new Promise<null>((resolve) => setImmediate(resolve, null))]);
}

describe('when the database notifies that there is something new', () => {
  test('it is read at once, also by who begins to wait after the notification', async () => {
    let size = 5;
    const waiters = waitersOver(() => checkpointOf(size));
    const early = waiters.covering(5);
    size = 6;
    waiters.notified();
    expect(await atOnce(early)).toMatchObject({ size: 6 });
    size = 7;
    waiters.notified();
    expect(await atOnce(waiters.covering(6))).toMatchObject({ size: 7 });
  });

  test('a notification in vain hands out nothing, and a thousand are one or two readings', async () => {
    let reads = 0;
    const waiters = waitersOver(() => {
      reads += 1;
      return checkpointOf(5);
    });
    const waiting = waiters.covering(5);
    for (let count = 0; count < 1000; count += 1) waiters.notified();
    await new Promise((resolve) => setImmediate(resolve));
    expect([1, 2]).toContain(reads);
    await expect(waiting).rejects.toMatchObject({ code: 'log-unavailable' });
  });

  test('what is not notified any more is found by looking', async () => {
    let size = 5;
    const waiters = new CheckpointWaiters({
      ...{ read: () => Promise.resolve(checkpointOf(size)), isFrozen: () => Promise.resolve(false), waitMaxMs: 5_000 },
      late: ['log-unavailable', 'it took too long'],
    });
    const waiting = waiters.covering(5);
    waiters.notified();
    await new Promise((resolve) => setImmediate(resolve));
    size = 6;
    expect((await waiting).size).toBe(6);
  });
});
