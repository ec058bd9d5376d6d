/** How a long-running command is told to stop: SIGINT or SIGTERM. */

/** From now on a signal asks to stop; a second one is not waited for. */
export function untilStopped(): { promise: Promise<void>; isDone: () => boolean } {
  let isDone = false;
  const promise = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (isDone) process.exit(130);
        isDone = true;
        resolve();
      });
    }
  });
  return { promise, isDone: () => isDone };
}
