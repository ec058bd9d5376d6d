/**
 * What a page may load: nothing that does not come from this service, no inline style or script, no frame around it
 * (Content Security Policy Level 3). Only the board's view of the log runs a script, its own, and only that page may fetch.
 */
const base = [
  "default-src 'none'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' data:",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
];

/** For every page without a script. */
export const withoutScripts = base.join('; ');

/** For the page that verifies the log in the browser: it fetches checkpoint, tiles and entries from this service. */
export const withVerifier = [...base, "script-src 'self'", "connect-src 'self'"].join('; ');

/** Headers every page carries; `policy` is one of the two above. Nothing personal stays in a shared cache. */
export function pageHeaders(policy: string): Readonly<Record<string, string>> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy,
    'cache-control': 'no-store',
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'cross-origin-opener-policy': 'same-origin',
    vary: 'accept-language, cookie',
  };
}
