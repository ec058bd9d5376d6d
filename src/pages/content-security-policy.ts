/**
 * What a page may load: nothing that does not come from this service, no inline style or script, no frame around it
 * (Content Security Policy Level 3). Two pages run a script, their own: the board's view of the log, which alone may fetch, and the check of
 * a receipt, which may not.
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

/** For the page that checks a receipt: its script may ask nobody for anything, so the receipt stays in the browser. */
export const withReceiptVerifier = [...base, "script-src 'self'", "connect-src 'none'"].join('; ');

/** Headers every page carries; `policy` is one of those above. Nothing personal stays in a shared cache. */
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
