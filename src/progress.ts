/** Tells a person at a terminal how far long work is; in a file or pipe, one line per step. */

const width = 24;

export class Progress {
  private step = '';
  private startedAt = 0;

  constructor(
    private readonly stream: { write(text: string): unknown; isTTY?: boolean },
    private readonly now: () => number = () => performance.now(),
  ) {}

  say(sentence: string): void {
    this.done();
    this.stream.write(`${sentence}\n`);
  }

  /** @param done from 0 to 1; 0 when a share cannot be told. */
  bar(step: string, done: number): void {
    if (step !== this.step) {
      this.done();
      this.step = step;
      this.startedAt = this.now();
      if (!this.stream.isTTY) return;
    }
    if (!this.stream.isTTY) return;
    const full = Math.round(done * width);
    this.stream.write(
      `\r  ${step.padEnd(16)} ${'█'.repeat(full)}${'·'.repeat(width - full)} ${String(Math.round(done * 100)).padStart(3)} %`,
    );
  }

  /** Ends the current step's line with its time. */
  done(): void {
    if (this.step === '') return;
    const seconds = ((this.now() - this.startedAt) / 1000).toFixed(1);
    const line = `  ${this.step.padEnd(16)} ${'█'.repeat(width)} ${seconds} s`;
    this.stream.write(this.stream.isTTY ? `\r${line}   \n` : `${line}\n`);
    this.step = '';
  }
}
