/** A demo city whose log three witnesses cosign, two of which are a quorum; each witness a process that can be killed and started again. */
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { both, expectSoundLog } from '../setup/check-log.js';
import { aTemporaryDirectory } from '../setup/leftovers.js';
import { type AProgram, Town } from '../setup/a-town.js';
import type { Reader } from '../setup/a-reader.js';
import { aNewWitness, type RunningWitness, startWitness, type WitnessFiles } from './a-witness.js';

interface Seat {
  readonly files: WitnessFiles;
  readonly port: number;
  running: RunningWitness | null;
}

export class WitnessedTown {
  /** Keys of the log, as whoever starts a witness knows them. */
  logKeys: string[];

  private constructor(
    readonly town: Town,
    readonly policyFile: string,
    /** Where the node that signs and has it cosigned listens. */
    readonly base: string,
    private readonly seats: readonly Seat[],
  ) {
    this.logKeys = [town.demo.log.vkey];
  }

  static async open(limitMinutes = 60): Promise<WitnessedTown> {
    // The node that is asked does not sign: what it knows of witnesses, it knows from the database.
    const town = await Town.open({ runsSigner: false });
    const seats = await Promise.all(
      ['one', 'two', 'three'].map(async (name): Promise<Seat> => {
        const files = await aNewWitness(`witness.example/${name}`);
        return { files, port: await aFreePort(), running: null };
      }),
    );
    const policyFile = join(await aTemporaryDirectory(), 'policy');
    const lines = seats.map(({ files, port }, n) => `witness w${n} ${files.vkey} http://127.0.0.1:${port}\n`);
    const quorum = 'group board 2 w0 w1 w2\nquorum board\n';
    await writeFile(policyFile, `log ${town.demo.log.vkey}\n${lines.join('')}${quorum}`);
    const witnessed = new WitnessedTown(town, policyFile, town.base, seats);
    await witnessed.start(0, 1, 2);
    const { base } = await town.anotherNode({ runsSigner: true, witnesses: { policyFile, limitMinutes } });
    return Object.assign(witnessed, { base });
  }

  async start(...numbers: number[]): Promise<void> {
    for (const number of numbers) {
      const seat = this.seats[number]!;
      seat.running ??= await startWitness(seat.files, this.logKeys, seat.port);
    }
  }

  async kill(...numbers: number[]): Promise<void> {
    for (const number of numbers) {
      await this.seats[number]!.running?.kill();
      this.seats[number]!.running = null;
    }
  }

  /** Where nobody but the caller knows of it; it must not run here, and whoever starts it there stops it. */
  startElsewhere(number: number): Promise<RunningWitness> {
    return startWitness(this.seats[number]!.files, this.logKeys);
  }

  /** Stands still: takes requests and answers none. */
  signal(number: number, signal: 'SIGSTOP' | 'SIGCONT'): void {
    process.kill(this.seats[number]!.running!.pid, signal);
  }

  async witnessed(): Promise<{ size: number; note: string } | null> {
    const { rows } = await this.town.admin.query<{ size: number; note: string }>(
      'SELECT size, note FROM azukari.witnessed_checkpoint',
    );
    return rows[0] ?? null;
  }

  /** Waits until a quorum has cosigned everything that stands in the log; at most 20 seconds. */
  async untilWitnessed(): Promise<void> {
    const size = await this.town.logSize();
    for (let attempt = 0; attempt < 400; attempt += 1) {
      if (((await this.witnessed())?.size ?? -1) >= size) return;
      await pause(50);
    }
    throw new Error('no quorum came');
  }

  closeSoundly(): Promise<void> {
    return both(
      () => expectSoundLog(this.town),
      () => this.close(),
    );
  }

  async close(): Promise<void> {
    await this.kill(0, 1, 2);
    await this.town.close();
  }
}

/** A resident who consents to the program, and a recipient that may read it. */
export async function aReadable(town: Town, program: AProgram, resident = town.resident()) {
  const { pairwiseId, consentId } = await town.give(resident, program);
  const reader: Reader = await town.reader(program);
  return { program, resident, pairwiseId, consentId, reader, read: () => reader.read(pairwiseId) };
}

async function aFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
