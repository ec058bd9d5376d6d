/** A half-open range of a plain text that must go, and which kind of number stands there. */
export interface Finding {
  readonly start: number;
  readonly end: number;
  readonly kind: string;
  /** True when a name or system says what it is: then the same value is looked for elsewhere too. */
  readonly isNamed: boolean;
}
