/** How a long-running command is told to stop, SIGINT or SIGTERM, and that nothing else ends it. */

/** From now on a signal asks to stop; a second one is not waited for. */
export function untilStopped(): { promise: Promise<void>; isDone: () => boolean } {
  // What cannot be written is lost, and no more: on a full disk, or where nobody reads any more. Without a listener, the process would end.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
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
