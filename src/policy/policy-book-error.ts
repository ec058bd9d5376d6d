/** What is wrong with the policy folder, where. A service with such a folder does not start. */
export class PolicyBookError extends Error {
  override readonly name = 'PolicyBookError';

  /**
   * @param file path inside the policy folder
   * @param place where in the file, in the file's own terms: `fields[2].paths[0]`, a line, a rule; may be empty
   */
  constructor(
    readonly file: string,
    readonly place: string,
    problem: string,
  ) {
    super(`policies/${file}${place === '' ? '' : ` at ${place}`}: ${problem}`);
  }
}
