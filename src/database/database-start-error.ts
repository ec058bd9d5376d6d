/**
 * Why the database did not come up, as one sentence an operator can act on. Codes are stable; the sentence names the
 * directory and what to do, and never holds a password.
 */

export type DatabaseStartCode =
  | 'another-service'
  | 'unusable-directory'
  | 'binaries-missing'
  | 'cannot-run-here'
  | 'damaged-directory'
  | 'other-version'
  | 'password-lost'
  | 'disk-full'
  | 'did-not-start'
  | 'did-not-stop'
  | 'too-privileged'
  | 'another-city'
  | 'anchor-left-behind'
  | 'behind-its-log';

export class DatabaseStartError extends Error {
  override readonly name = 'DatabaseStartError';

  /** @param sentence one sentence for a person; also the error's `message` */
  constructor(
    readonly code: DatabaseStartCode,
    readonly sentence: string,
    options?: ErrorOptions,
  ) {
    super(sentence, options);
  }
}
