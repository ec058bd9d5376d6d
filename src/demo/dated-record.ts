/** One record of a source, with the day it speaks of (`YYYY-MM-DD`). */
export interface DatedRecord {
  readonly onDate: string;
  readonly data: { readonly id: string; readonly [member: string]: unknown };
}
