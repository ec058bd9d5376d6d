/** The load of one source that hands over deliveries of records which nobody has yet. Every answer is checked. */
import { randomUUID } from 'node:crypto';
import { closedLoop, type LoopResult } from './closed-loop.js';
import { type Connections, requireStatus } from './connections.js';
import type { BenchCity } from './found-city.js';

export const recordsPerDelivery = 50;

export class SourcesLoad {
  constructor(
    private readonly connections: Connections,
    private readonly city: BenchCity,
  ) {}

  /** Deliveries of {@link recordsPerDelivery} records; each record is of another resident. */
  deliveries(inFlight: number, seconds: number): Promise<LoopResult> {
    const { source, category } = this.city;
    const headers = { authorization: `Bearer ${source.token}`, 'content-type': 'application/json' };
    let next = 0;
    return closedLoop(inFlight, seconds, async () => {
      const items = Array.from({ length: recordsPerDelivery }, () => this.aRecord(next++));
      const body = JSON.stringify({ category, items });
      const answer = requireStatus(await this.connections.send('POST', '/v1/deposits', headers, body), 200);
      const { items: outcomes } = JSON.parse(answer) as { items: { outcome: string }[] };
      if (!outcomes.every(({ outcome }) => outcome === 'stored'))
        throw new Error(`a delivery was not stored: ${answer}`);
    });
  }

  private aRecord(number: number) {
    const { links, sample } = this.city.source;
    const id = randomUUID();
    // Of a day that no read of the benchmark asks for.
    const data = { ...sample, header: { ...sample.header, id } };
    return { resident: links[number % links.length]!, recordId: id, date: '2020-01-01', data };
  }
}
