/**
 * Turns many small calls into few large ones: whatever arrives while the previous batch runs goes into the next.
 * There is no timer, so an idle service answers at once and a busy one gets large batches (design section 5).
 */

export class Batcher<Item, Result> {
  private waiting: { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void }[] = [];
  private running = 0;

  /**
   * @param run receives at most `sizeMax` items and returns one result per item, in order; if it throws, every item of that batch fails.
   * @param lanes how many batches may run at once.
   */
  constructor(
    private readonly run: (items: Item[]) => Promise<Result[]>,
    private readonly sizeMax: number,
    private readonly lanes = 1,
  ) {}

  submit(item: Item): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (this.running < this.lanes) {
        this.running += 1;
        // Wait one turn of the event loop, so that what arrives together travels together.
        setImmediate(() => void this.drain());
      }
    });
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, this.sizeMax);
      try {
        const results = await this.run(batch.map((entry) => entry.item));
        if (results.length !== batch.length) throw new Error('a batch must answer every item');
        batch.forEach((entry, position) => entry.resolve(results[position]!));
      } catch (error) {
        batch.forEach((entry) => entry.reject(error));
      }
    }
    this.running -= 1;
  }
}
