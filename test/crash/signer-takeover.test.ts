/**
 * Two nodes may sign, each with an anchor of its own, as two machines have. Under load one after the other is killed with SIGKILL and
 * replaced: reads go on at the node that is left, and every checkpoint that anybody saw is a beginning of the one log.
 */
import { cp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Random } from '../../src/demo/random.js';
import { checkLogAt, untilCovered } from '../setup/a-log-reader.js';
import { indexOf, type ReadAnswer, requireStatus, WalkingProgram } from '../setup/a-walking-program.js';
import { aDemoCity, type DemoCity, optionsFor } from '../setup/demo-city.js';
import { HttpClient } from '../setup/http-client.js';
import { aNodeProcess, type NodeProcess } from '../setup/nodes.js';

const isSoak = process.env.AZUKARI_SOAK === '1';
const rounds = isSoak ? 40 : 2;
const readers = 8;
/** A reader waits for its checkpoint for ten seconds; a new leader must be there before that. */
const takeoverWithinMs = 10_000;

let city: DemoCity;
let started = 0;
const http = new HttpClient(15_000);
const nodes: NodeProcess[] = [];
beforeAll(async () => {
  city = await aDemoCity({ runsSigner: false });
  nodes.push(await aNode(), await aNode());
});
afterAll(async () => {
  http.close();
  await Promise.all(nodes.map((node) => node.stop()));
  await city?.stop();
  await rm(dirname(city.directories.keysDirectory), { recursive: true, force: true });
});

async function aNode(): Promise<NodeProcess> {
  const { databases, directories, service } = city;
  const anchorDirectory = join(dirname(directories.anchorDirectory), `anchor-${started++}`);
  await cp(directories.anchorDirectory, anchorDirectory, { recursive: true });
  const tilesDirectory = anchorDirectory.replace('anchor', 'tiles');
  const own = { ...directories, anchorDirectory, tilesDirectory };
  return aNodeProcess({ ...optionsFor(databases, own), publicUrl: service.publicUrl });
}

/** What anybody saw: checkpoints, and receipts that came with data. */
class Witnessed {
  readonly notes = new Set<string>();
  readonly receipts: ReadAnswer['receipt'][] = [];
  readonly unexpected: string[] = [];
  last = 0;
  private isStopped = false;

  constructor(private readonly read: (node: string) => Promise<ReadAnswer | null>) {}

  async watch(number: number): Promise<void> {
    while (!this.isStopped) await this.look(nodes[number % 2]!.base);
  }

  stop(): void {
    this.isStopped = true;
  }

  /** Whether the node answered with data. A node that is being killed answers nothing. */
  async look(node: string): Promise<boolean> {
    try {
      const answer = await this.read(node);
      const checkpoint = await http.ask(node, { path: '/log/checkpoint' });
      if (checkpoint.status === 200) this.notes.add(checkpoint.text);
      if (answer === null) return false;
      this.receipts.push(answer.receipt);
      this.last = Math.max(this.last, indexOf(answer));
      return true;
    } catch (error) {
      const { code = '', message } = error as NodeJS.ErrnoException;
      if (!/^E(CONNRESET|CONNREFUSED|PIPE)$/.test(code) && !/socket hang up|aborted/.test(message))
        this.unexpected.push(message);
      await pause(20);
      return false;
    }
  }
}

test(
  `${rounds} times the node that may be signing is killed, and another signs on without a fork`,
  async () => {
    const program = await WalkingProgram.apply(http, city.demo, nodes[0]!.base);
    const given = requireStatus(await program.give(nodes[0]!.base, city.demo.residents[0]!), 201).json;
    let token = await program.token(nodes[0]!.base);
    const witnessed = new Witnessed(async (node) => {
      const answer = await program.read(node, token, given.pairwiseId as string);
      if (answer.status === 503) return null;
      return requireStatus(answer, 200).json as unknown as ReadAnswer;
    });
    const watching = Promise.all(Array.from({ length: readers }, (_, number) => witnessed.watch(number)));
    const random = new Random('takeover');
    const takeovers: number[] = [];
    try {
      for (let round = 0; round < rounds; round += 1) {
        await pause(random.integer(100, 600));
        const [victim, survivor] = [round % 2, (round + 1) % 2];
        await nodes[victim]!.kill();
        const killedAt = performance.now();
        while (!(await witnessed.look(nodes[survivor]!.base)))
          expect(performance.now() - killedAt).toBeLessThan(takeoverWithinMs);
        takeovers.push(performance.now() - killedAt);
        nodes[victim] = await aNode();
        token = await program.token(nodes[survivor]!.base);
      }
    } finally {
      witnessed.stop();
      await watching;
    }
    process.stdout.write(
      `  ${rounds} kills, ${witnessed.receipts.length} answers; the next answer came after ${takeovers.map((ms) => ms.toFixed(0)).join(', ')} ms\n`,
    );
    expect(witnessed.unexpected).toEqual([]);
    expect(nodes.flatMap(({ incidents }) => incidents)).toEqual([]);
    await untilCovered(nodes[0]!.base, city.demo.log, witnessed.last + 1);
    const evidence = (content: string, number: number) => ({ label: `evidence ${number}`, content });
    const report = await checkLogAt(nodes[1]!.base, city.demo.log, {
      earlier: [...witnessed.notes].map(evidence),
      receipts: witnessed.receipts.map((receipt, number) => evidence(JSON.stringify(receipt), number)),
      now: new Date(),
    });
    expect(report.findings).toEqual([]);
  },
  isSoak ? 900_000 : 120_000,
);
