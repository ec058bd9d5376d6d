/** Where an entry stands, in figures: of a log that is closed with its name before, as 2026/1,234. */
import type { EntryPlace } from '../../transparency-log/city-logs.js';
import { formatNumber } from '../language.js';

export function placeText({ log, index }: EntryPlace): string {
  return log === null ? formatNumber(index) : `${log}/${formatNumber(index)}`;
}
