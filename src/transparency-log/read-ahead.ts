/** Reads a sequence in order with a few reads under way at once, so that a distant log is checked at the speed of the line. */

/**
 * Yields `read(0)` to `read(count - 1)` in order. The first read that fails ends it with its error.
 * @param atOnce how many are under way at once. For what is near, one: what was just read is still in the processor's own memory.
 */
export async function* readAhead<Item>(
  count: number,
  atOnce: number,
  read: (n: number) => Promise<Item>,
): AsyncGenerator<Item> {
  const underway: Promise<Item>[] = [];
  for (let n = 0; n < count || underway.length > 0; n += 1) {
    if (n < count) {
      const item = read(n);
      // Its turn may never come; the error is thrown where it is awaited.
      item.catch(() => undefined);
      underway.push(item);
    }
    if (underway.length === atOnce || n >= count) yield await underway.shift()!;
  }
}
