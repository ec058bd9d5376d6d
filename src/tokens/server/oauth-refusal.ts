/** An answer of the authorization server in the form of RFC 6749 section 5.2, given before the library is asked. */
export class OAuthRefusal extends Error {
  override readonly name = 'OAuthRefusal';

  constructor(
    readonly status: number,
    /** The registered error code. */
    readonly error: string,
    /** ASCII without quotes or backslashes; never anything the asker sent. */
    description: string,
  ) {
    super(description);
  }
}
