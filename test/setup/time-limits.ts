/**
 * The runner waits for a test as long as it takes: here is a limit for each test and hook, its own or this one, as
 * Jest's own runner has it. One that has not ended by then fails, and the next one begins.
 */
import { addEventHandler, getState } from 'jest-circus';

type Work = (...done: unknown[]) => unknown;

const limitMs = 60_000;

addEventHandler((event) => {
  if (event.name === 'add_test') limit(getState().currentDescribeBlock.children.at(-1), event.timeout);
  if (event.name === 'add_hook') limit(getState().currentDescribeBlock.hooks.at(-1), event.timeout);
});

function limit(added: unknown, ms: number = limitMs): void {
  // Jest types what it holds as read-only; a test or hook that was just added is not run yet.
  const held = added as { fn?: Work };
  const work = held.fn;
  if (work === undefined) return;
  if (work.length > 0) throw new Error('a test or hook takes no callback here: its limit would be lost');
  held.fn = () => within(ms, work);
}

async function within(ms: number, work: Work): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${ms} ms`)), ms);
  });
  try {
    await Promise.race([Promise.resolve().then(work), late]);
  } finally {
    clearTimeout(timer);
  }
}
