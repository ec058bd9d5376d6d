/** Why a database cannot be brought back to the log that was signed. Nothing was changed. */

export type RestoreRefusal =
  /** The tiles do not reach as far as a checkpoint that was signed. */
  | 'tiles-too-short'
  /** The tiles are not what was signed. */
  | 'tiles-differ'
  /** What the database holds below its own published checkpoint is not what was signed. */
  | 'database-differs';

export class RestoreRefused extends Error {
  override readonly name = 'RestoreRefused';

  /** @param message one sentence: what was found, where, and what to do. */
  constructor(
    readonly code: RestoreRefusal,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
