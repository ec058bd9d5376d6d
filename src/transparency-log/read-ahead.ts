/** Reads a sequence in order with a few reads under way at once, so that a distant log is checked at the speed of the line. */

const readsAhead = 8;

/** Yields `read(0)` to `read(count - 1)` in order. The first read that fails ends it with its error. */
export async function* readAhead<Item>(count: number, read: (n: number) => Promise<Item>): AsyncGenerator<Item> {
  const underway: Promise<Item>[] = [];
  for (let n = 0; n < count || underway.length > 0; n += 1) {
    if (n < count) {
      const item = read(n);
      // Its turn may never come; the error is thrown where it is awaited.
      item.catch(() => undefined);
      underway.push(item);
    }
    if (underway.length === readsAhead || n >= count) yield await underway.shift()!;
  }
}
