/** Times on pages are Japan's, whatever zone the machine is in. */
import fc from 'fast-check';
import { countByDay, groupByDay } from '../../src/pages/charts.js';
import {
  addDays,
  dayInJapan,
  daysBetween,
  formatDay,
  formatDayWithWeekday,
  formatInstant,
  formatInstantWithSeconds,
  formatTimeOfDay,
  lastDay,
  machineTime,
} from '../../src/pages/dates.js';

const instants = fc.date({
  min: new Date('2000-01-01T00:00:00Z'),
  max: new Date('2099-12-31T00:00:00Z'),
  noInvalidDate: true,
});

describe('Times on pages', () => {
  test.each([
    ['2026-11-20T05:12:40Z', '2026年11月20日 14時12分', '20 Nov 2026, 14:12'],
    ['2026-11-19T15:00:00Z', '2026年11月20日 0時00分', '20 Nov 2026, 00:00'],
    ['2026-11-19T14:59:59Z', '2026年11月19日 23時59分', '19 Nov 2026, 23:59'],
    ['2026-12-31T15:05:00Z', '2027年1月1日 0時05分', '1 Jan 2027, 00:05'],
    ['2028-02-28T20:00:00Z', '2028年2月29日 5時00分', '29 Feb 2028, 05:00'],
    ['2026-07-01T00:00:00Z', '2026年7月1日 9時00分', '1 Jul 2026, 09:00'],
  ])('%s reads %s and %s', (instant, japanese, english) => {
    expect([formatInstant(new Date(instant), 'ja'), formatInstant(new Date(instant), 'en')]).toEqual([
      japanese,
      english,
    ]);
  });

  test('name the weekday, the day, the time of day and the second where they matter', () => {
    const at = new Date('2026-11-20T05:02:09Z');
    expect(formatDayWithWeekday(at, 'ja')).toBe('2026年11月20日（金）');
    expect(formatDayWithWeekday(at, 'en')).toBe('Fri 20 Nov 2026');
    expect(formatDay(at, 'ja')).toBe('2026年11月20日');
    expect(formatTimeOfDay(at)).toBe('14:02');
    expect(formatInstantWithSeconds(at, 'ja')).toBe('2026年11月20日 14時02分09秒');
    expect(formatInstantWithSeconds(at, 'en')).toBe('20 Nov 2026, 14:02:09');
  });

  test('for machines name the same instant to the second', () => {
    fc.assert(
      fc.property(instants, (at) => {
        expect(Math.floor(Date.parse(machineTime(at)) / 1000)).toBe(Math.floor(at.getTime() / 1000));
        expect(machineTime(at)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+09:00$/);
      }),
    );
  });

  test('read a half-open end as the last day it still holds', () => {
    expect(dayInJapan(lastDay(new Date('2027-09-30T15:00:00Z')))).toBe('2027-09-30');
  });

  test('count whole calendar days in Japan', () => {
    fc.assert(
      fc.property(instants, fc.integer({ min: 0, max: 4000 }), (at, days) => {
        expect(daysBetween(at, addDays(at, days))).toBe(days);
        expect(daysBetween(at, new Date(`${dayInJapan(at)}T23:59:59+09:00`))).toBe(0);
      }),
    );
  });
});

describe('Events over days', () => {
  const events = fc.array(fc.record({ at: instants, isRefused: fc.boolean() }), { maxLength: 60 });

  test('are each counted once when they lie within the drawing, and not at all otherwise', () => {
    fc.assert(
      fc.property(events, instants, fc.integer({ min: 1, max: 20_000 }), (happened, from, days) => {
        const counted = countByDay(happened, from, days);
        const within = happened.filter(({ at }) => daysBetween(from, at) >= 0 && daysBetween(from, at) < days);
        expect(counted.reduce((sum, { provided, refused }) => sum + provided + refused, 0)).toBe(within.length);
        expect(counted.map(({ day }) => day)).toEqual(
          [...new Set(counted.map(({ day }) => day))].sort((a, b) => a - b),
        );
      }),
    );
  });

  test('are grouped without losing one or changing their order', () => {
    fc.assert(
      fc.property(events, (happened) => {
        const sorted = happened.toSorted((left, right) => right.at.getTime() - left.at.getTime());
        const groups = groupByDay(sorted);
        expect(groups.flat()).toEqual(sorted);
        expect(groups.every((group) => new Set(group.map(({ at }) => dayInJapan(at))).size === 1)).toBe(true);
      }),
    );
  });
});
