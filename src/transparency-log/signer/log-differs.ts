/** What stops the signer for good: the log is not what was signed. */

/** The log does not match what was signed. The message names the place. */
export class LogDiffers extends Error {
  override readonly name = 'LogDiffers';
}
