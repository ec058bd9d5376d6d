/** The load of residents: they give consent and withdraw it, alone and while others read of them, and open their page. Every answer is checked. */
import { closedLoop, type LoopResult } from './closed-loop.js';
import { type Connections, requireStatus } from './connections.js';
import type { BenchCity } from './found-city.js';
import type { Load } from './load.js';
import { type Latency, latencyOf } from './statistics.js';

const json = { 'content-type': 'application/json' };

export class ResidentsLoad {
  constructor(
    private readonly connections: Connections,
    private readonly city: BenchCity,
    private readonly recipient: Load,
  ) {}

  /** Each of `times` withdraws and consents again, with nobody reading meanwhile. */
  async answers(times: number): Promise<{ withdraw: Latency; give: Latency }> {
    const withdraw: number[] = [];
    const give: number[] = [];
    for (let time = 0; time < times; time += 1) {
      const resident = this.city.signedIn[time % this.city.signedIn.length]!;
      const headers = { ...json, cookie: resident.session };
      withdraw.push(await timed(() => this.withdraw(resident.consentId, headers)));
      give.push(
        await timed(async () => {
          resident.consentId = await this.consentAgain(headers);
        }),
      );
    }
    return { withdraw: latencyOf(withdraw), give: latencyOf(give) };
  }

  /** A page, by residents who are signed in. */
  pages(path: string, inFlight: number, seconds: number): Promise<LoopResult> {
    const { signedIn } = this.city;
    return closedLoop(inFlight, seconds, async (client) => {
      const { session } = signedIn[client % signedIn.length]!;
      const page = requireStatus(await this.connections.send('GET', path, { cookie: session }), 200);
      if (!page.includes('</html>')) throw new Error('a page is not whole');
    });
  }

  /**
   * Withdrawals, one after the other, each while `readers` read that resident without a pause.
   * @throws Error when a read that started after the answer to the withdrawal got data
   */
  async withdrawals(readers: number, times: number): Promise<Latency & { readsMeanwhile: number }> {
    await this.recipient.signIn();
    const samplesMs: number[] = [];
    let readsMeanwhile = 0;
    for (let time = 0; time < times; time += 1) {
      const resident = this.city.signedIn[time % this.city.signedIn.length]!;
      const { ms, reads } = await this.oneWithdrawal(resident, readers);
      samplesMs.push(ms);
      readsMeanwhile += reads;
    }
    return { ...latencyOf(samplesMs), readsMeanwhile };
  }

  private async oneWithdrawal(resident: BenchCity['signedIn'][number], readers: number) {
    const { session, pairwiseId } = resident;
    let reads = 0;
    let withdrawnAt = Infinity;
    const read = async () => {
      while (performance.now() < withdrawnAt) {
        const startedAt = performance.now();
        const { path, headers } = this.recipient.aRead(pairwiseId);
        const { status } = await this.connections.send('GET', path, headers);
        if (status === 200 && startedAt > withdrawnAt) throw new Error('a read after the withdrawal got data');
        if (status === 200) reads += 1;
      }
    };
    const reading = Promise.all(Array.from({ length: readers }, read));
    reading.catch(() => undefined);
    // By now every reader has had its first answers.
    await new Promise((resolve) => setTimeout(resolve, 150));
    const headers = { ...json, cookie: session };
    const ms = await timed(() => this.withdraw(resident.consentId, headers));
    withdrawnAt = performance.now();
    await reading;
    const after = this.recipient.aRead(pairwiseId);
    const { status } = await this.connections.send('GET', after.path, after.headers);
    if (status === 200) throw new Error('a read after the withdrawal got data');
    resident.consentId = await this.consentAgain(headers);
    return { ms, reads };
  }

  private async withdraw(consentId: string, headers: Record<string, string>): Promise<void> {
    requireStatus(await this.connections.send('POST', `/v1/consents/${consentId}/withdrawal`, headers, '{}'), 200);
  }

  private async consentAgain(headers: Record<string, string>): Promise<string> {
    const items = [{ purpose: this.city.purpose, category: this.city.category }];
    const body = JSON.stringify({ program: this.city.program, decision: 'give', items });
    const answer = await this.connections.send('POST', '/v1/consents', headers, body);
    return (JSON.parse(requireStatus(answer, 201)) as { id: string }).id;
  }
}

/** Milliseconds. */
async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
