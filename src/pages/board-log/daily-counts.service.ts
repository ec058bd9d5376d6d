/**
 * Provisions and refusals per day of the last weeks, for the board's drawing. Counted from the city's logs once and carried on; a large log is counted
 * over several pages, a bounded number of entries each. Days are those of the calendar in Japan.
 */
import { Injectable } from '@nestjs/common';
import { startOfDayInJapan } from '../../kernel/clock.js';
import { LogStoreService, reachOf } from '../../transparency-log/log-store.service.js';
import type { DayCount } from '../charts.js';
import { addDays, dayInJapan, daysBetween } from '../dates.js';

const batch = 5_000;
const batchesMax = 20;
/** Days kept beyond those shown, so that a page around midnight finds its own. */
const daysKept = 60;

interface Count {
  provided: number;
  refused: number;
}

@Injectable()
export class DailyCountsService {
  private readonly byDay = new Map<string, Count>();
  private next: number | null = null;
  private counting: Promise<void> = Promise.resolve();

  constructor(private readonly store: LogStoreService) {}

  /** The last `days` days up to that of `now`, at most 28. */
  async upTo(now: Date, days: number): Promise<{ from: Date; days: number; counts: readonly DayCount[] }> {
    const from = addDays(startOfDayInJapan(dayInJapan(now)), 1 - days);
    this.counting = this.counting.catch(() => undefined).then(() => this.carryOn(from));
    await this.counting;
    const counts = [...this.byDay].flatMap(([date, count]) => {
      const day = daysBetween(from, startOfDayInJapan(date));
      return day >= 0 && day < days ? [{ day, ...count }] : [];
    });
    return { from, days, counts: counts.sort((left, right) => left.day - right.day) };
  }

  private async carryOn(from: Date): Promise<void> {
    const checkpoint = await this.store.checkpoint();
    const size = checkpoint ? reachOf(checkpoint) : 0;
    this.next ??= await this.firstSince(from, size);
    for (let round = 0; round < batchesMax && this.next < size; round += 1) {
      const to = Math.min(size, this.next + batch);
      for (const { entry } of await this.store.entries(this.next, to)) this.count(entry);
      this.next = to;
    }
    for (const date of [...this.byDay.keys()].sort().slice(0, -daysKept)) this.byDay.delete(date);
  }

  /** Time hardly ever runs backwards in the log, so the first entry of a day is found by halving. */
  private async firstSince(from: Date, size: number): Promise<number> {
    let [low, high] = [0, size];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const [stored] = await this.store.entries(middle, middle + 1);
      if (stored && timeOf(stored.entry) < from) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private count(entry: string): void {
    const kind = /^\{"v":1,"t":"(provision|refusal|void)"/.exec(entry)?.[1];
    if (kind === undefined) return;
    const date = dayInJapan(timeOf(entry));
    const count = this.byDay.get(date) ?? { provided: 0, refused: 0 };
    if (kind === 'provision') count.provided += 1;
    else count.refused += 1;
    this.byDay.set(date, count);
  }
}

function timeOf(entry: string): Date {
  return new Date(/"at":"([^"]*)"/.exec(entry)?.[1] ?? 0);
}
