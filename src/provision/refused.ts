/** How a refusal is told: by its code alone, the same for everybody who hears it. */
import { type Code, codes, Mistake } from '../kernel/errors.js';

export function refused(reason: Code): Mistake {
  return new Mistake(reason, codes[reason][1]);
}
