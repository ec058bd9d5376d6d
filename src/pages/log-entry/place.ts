/** Where an entry stands, with the name of its log where that is closed: places are counted anew in each. */
import type { EntryPlace } from '../../transparency-log/city-logs.js';
import { formatNumber, type Language } from '../language.js';
import { placeWords } from './text.js';

/** Within a sentence, as 「「2026」の利用記録の1,234番」 or, after the word entry, “1,234 of log 2026”. */
export function placeText({ log, index }: EntryPlace, language: Language): string {
  const { ofOpen, ofClosed } = placeWords[language];
  return log === null ? ofOpen(formatNumber(index)) : ofClosed(log, formatNumber(index));
}

/** In a column of numbers: of the open log the figure alone. */
export function placeInTable(place: EntryPlace, language: Language): string {
  return place.log === null ? formatNumber(place.index) : placeText(place, language);
}
