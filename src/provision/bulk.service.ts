/**
 * Many residents in one stream (NDJSON): one log entry, one receipt and one line for each. Every line is a read of its own. At most 64 lines
 * are taken out of the database ahead of writing, and a line that has waited two seconds is looked at again before it is written.
 */
import { Injectable } from '@nestjs/common';
import { startStopwatch } from '../kernel/clock.js';
import { type Code, invariant } from '../kernel/errors.js';
import { decodePairwiseId } from '../kernel/pairwise-id.js';
import { DoorService, type Provided, type Refused } from './door.service.js';
import type { ReadItem } from './append-item.js';
import { GateService } from './gate.service.js';
import type { Granted } from './granted.js';
import { ListService } from './list.service.js';
import { refused } from './refused.js';

/** One line of the stream; the last one has no pairwise id. */
export type BulkLine =
  | ({ pairwiseId: string } & Provided)
  | { pairwiseId: string; refused: Code }
  | { end: true; delivered: number; next: string | null };

const aheadMax = 64;
const freshMs = 2_000;
/** Well before a grant's 60 seconds are over. */
const staleMs = 40_000;

type Asked = { pairwiseId: string; ageMs: () => number; answer: Granted | Refused };

@Injectable()
export class BulkService {
  constructor(
    private readonly door: DoorService,
    private readonly gate: GateService,
    private readonly list: ListService,
  ) {}

  /** Throws the refusal, logged, where recipient or program do not stand: a stream that nobody is on would hide it. */
  async requireStanding({ recipientId, programId }: ReadItem): Promise<void> {
    if (await this.list.stands(recipientId, programId)) return;
    const { reason } = await this.gate.appendList(recipientId, programId, 0);
    if (reason !== null) throw refused(reason);
  }

  /** @param template everything of an item but whom it is about. @param cursor the last pairwise id that was received. */
  async *lines(template: ReadItem, limit: number, cursor: string | null): AsyncGenerator<string> {
    let delivered = 0;
    let page = await this.askPage(template, Math.min(aheadMax, limit), cursor);
    let taken = 0;
    while (page.length > 0) {
      // A reader that was slow over the page before may have let these grants grow old; they become void, new ones are asked for.
      if (page[0]!.ageMs() > staleMs) page = await this.askPage(template, page.length, cursor);
      if (page.length === 0) break;
      taken += page.length;
      cursor = page.at(-1)!.pairwiseId;
      // The next page is asked for while this one waits for its checkpoint and is written.
      const nextPage =
        taken < limit ? this.askPage(template, Math.min(aheadMax, limit - taken), cursor) : Promise.resolve([]);
      nextPage.catch(() => undefined);
      for await (const line of this.collectPage(page)) {
        if ('records' in line) delivered += 1;
        yield encode(line);
      }
      page = await nextPage;
    }
    yield encode({ end: true, delivered, next: taken >= limit ? cursor : null });
  }

  private async askPage(template: ReadItem, size: number, cursor: string | null): Promise<Asked[]> {
    const names = await this.list.consenting(template.recipientId, template.programId, size, cursor);
    return Promise.all(
      names.map(async (pairwiseId) => {
        const named = decodePairwiseId(pairwiseId);
        invariant(named, 'our own pairwise ids have their form');
        return { pairwiseId, ageMs: startStopwatch(), answer: await this.door.ask({ ...template, pairwiseId: named }) };
      }),
    );
  }

  private async *collectPage(page: readonly Asked[]): AsyncGenerator<BulkLine> {
    let sinceLookMs = startStopwatch();
    const collected = await Promise.all(
      page.map(async ({ pairwiseId, answer }) => ({
        pairwiseId,
        granted: 'reason' in answer ? null : answer,
        answer: 'reason' in answer ? answer : await this.door.collect(answer),
      })),
    );
    let fallen = new Set<number>();
    for (const { pairwiseId, granted, answer } of collected) {
      if (sinceLookMs() > freshMs) {
        const sinceThisLookMs = startStopwatch();
        fallen = await this.door.fallen(collected.flatMap((other) => other.granted ?? []));
        sinceLookMs = sinceThisLookMs;
      }
      if ('reason' in answer) yield { pairwiseId, refused: answer.reason };
      else if (granted && fallen.has(granted.index)) yield { pairwiseId, refused: 'no-consent' };
      else yield { pairwiseId, ...answer };
    }
  }
}

function encode(line: BulkLine): string {
  return `${JSON.stringify(line)}\n`;
}
