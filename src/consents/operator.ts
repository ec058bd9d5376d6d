/** Who runs the service, as receipts name it. */
import type { Bilingual } from '../policy/catalogue.js';

export interface Operator {
  name: Bilingual;
  /** Six digits with their check digit. */
  municipality: string;
  publicUrl: string;
}

export const OPERATOR = Symbol('operator');
