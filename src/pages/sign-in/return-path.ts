/** Where to go after signing in. Only pages of ours that need a session: an address from outside must never lead outside. */

/** `text` when it is the path of such a page, else null. */
export function returnPath(text: string | undefined): string | null {
  // No segment begins with a dot: `/my/../x` would be another page by the time a browser asks for it.
  const isOurs = /^\/(my|board|staff)(\/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*(\?[A-Za-z0-9._~=&-]*)?$/;
  return text !== undefined && isOurs.test(text) ? text : null;
}
