/** How large a city is that is measured. */

export interface CitySize {
  /** As it heads its column. */
  name: string;
  residents: number;
  /** Entries of the log when the measuring begins, at least: each consent and each delivery is one already. */
  logEntries: number;
}

export const residentsMin = 20;
export const residentsMax = 200_000;
export const logEntriesMax = 20_000_000;

const named: Readonly<Record<string, CitySize>> = {
  small: { name: 'small', residents: 10_000, logEntries: 10_000 },
  large: { name: 'large', residents: 100_000, logEntries: 1_000_000 },
};

/** Names and `residents:entries`, comma-separated. @throws RangeError */
export function readSizes(text: string): CitySize[] {
  const sizes = text.split(',').map((part) => {
    const [residents, logEntries = 0] = part.split(':').map(Number);
    return named[part] ?? requireSize({ name: part, residents: residents!, logEntries });
  });
  if (sizes.length > 4) throw new RangeError('--sizes is at most four sizes');
  return sizes;
}

/** @throws RangeError */
export function requireSize(size: CitySize): CitySize {
  const isWhole = (value: number, min: number, max: number) => Number.isInteger(value) && value >= min && value <= max;
  if (isWhole(size.residents, residentsMin, residentsMax) && isWhole(size.logEntries, 0, logEntriesMax)) return size;
  throw new RangeError(
    `a size (--residents, --log, --sizes) is ${Object.keys(named).join(' or ')}, or from ${residentsMin} to ${residentsMax} residents and at most ${logEntriesMax} entries`,
  );
}
