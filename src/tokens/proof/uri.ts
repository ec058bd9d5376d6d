/**
 * Two spellings of one http URI compare equal after RFC 3986 sections 6.2.2 (case, percent-encoding) and 6.2.3 (default
 * port, empty path), as RFC 9449 section 4.3 asks for `htu`. Query and fragment are dropped. Whatever is not plainly such a
 * URI has no normal form: user information, dot segments (no honest client signs them), raw non-ASCII, backslashes.
 */

const httpUri =
  /^(https?):\/\/(\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(?::([0-9]{0,5}))?(\/[^?#]*)?(?:[?#][\x21-\x7e]*)?$/i;
const path = /^(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*$/;
const unreserved = /^[A-Za-z0-9._~-]$/;
const dotSegment = /\/\.{1,2}(?:\/|$)/;

/** The normal form of `text` without query and fragment, or null when it has none. */
export function normaliseUri(text: string): string | null {
  const match = httpUri.exec(text);
  if (!match) return null;
  const [, scheme = '', host = '', port = '', rawPath = ''] = match;
  if (!path.test(rawPath)) return null;
  const plainPath = rawPath.includes('%') ? rawPath.replace(/%[0-9A-Fa-f]{2}/g, normaliseTriplet) : rawPath;
  if (dotSegment.test(plainPath)) return null;
  const plainScheme = scheme.toLowerCase();
  const defaultPort = plainScheme === 'https' ? 443 : 80;
  const plainPort = port === '' || Number(port) === defaultPort ? '' : `:${Number(port)}`;
  return `${plainScheme}://${host.toLowerCase()}${plainPort}${plainPath || '/'}`;
}

/** Section 6.2.2.2: an encoded unreserved character is the character; `%2f` is `%2F` and never a slash. */
function normaliseTriplet(triplet: string): string {
  const character = String.fromCharCode(parseInt(triplet.slice(1), 16));
  return unreserved.test(character) ? character : triplet.toUpperCase();
}
