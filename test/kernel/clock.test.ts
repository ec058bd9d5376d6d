/** How long something took is never measured too short, whatever happens to the clock on the wall. */
import { startStopwatch } from '../../src/kernel/clock.js';

test.each([
  ['set back by an hour', -3_600_000, 0],
  ['stopped', 0, 0],
  ['ten seconds further, after a sleep in which nothing ran', 10_000, 10_000],
])('a stopwatch whose wall clock is %s never tells less than has passed', (_, leapMs, leastMs) => {
  let wallMs = 1_800_000_000_000;
  const elapsedMs = startStopwatch(() => new Date(wallMs));
  const startedAtMs = performance.now();
  wallMs += leapMs;
  while (performance.now() - startedAtMs < 2) continue;
  expect(elapsedMs()).toBeGreaterThanOrEqual(Math.max(2, leastMs));
});
