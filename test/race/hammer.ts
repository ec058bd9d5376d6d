/** Readers without mercy: each asks again as soon as it was answered, until told to stop. */
import type { Door, RaceDriver } from './race-driver.js';

export interface Hammer {
  /** Resolves when the last reader has had its last answer. */
  stop(): Promise<void>;
}

/** How many of each; of every ten readers one streams everybody and one asks for the list. */
export function hammer(driver: RaceDriver, doors: readonly Door[], readers: number): Hammer {
  let isStopped = false;
  const run = async (ask: () => Promise<void>) => {
    while (!isStopped) await ask();
  };
  const runs = Array.from({ length: readers }, (_, number) => {
    const door = doors[number % doors.length]!;
    const kind = Math.floor(number / doors.length) % 10;
    if (kind === 8) return run(() => driver.readAll(door));
    if (kind === 9) return run(() => driver.list(door));
    return run(() => driver.read(door));
  });
  const looks = doors.map((door) =>
    run(async () => {
      await driver.look(door);
      // The rate of one person is limited, and rightly.
      await new Promise((resolve) => setTimeout(resolve, 25));
    }),
  );
  return {
    async stop() {
      isStopped = true;
      await Promise.all([...runs, ...looks]);
    },
  };
}
