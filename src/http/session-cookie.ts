/** The session cookie: what it is called, how it is set (RFC 6265, draft 6265bis) and how it is read from a request. */
import type { IncomingMessage } from 'node:http';
import { Mistake } from '../kernel/errors.js';

export const sessionCookieName = 'azukari_session';

/** A `Cookie` header that carries the session. */
export function cookieValue(secret: string): string {
  return `${sessionCookieName}=${secret}`;
}

/** The `Set-Cookie` header that starts a session in a browser: out of reach of scripts, not sent along from other sites. */
export function sessionSetCookie(secret: string, lifetimeSeconds: number, isSecure: boolean): string {
  const attributes = `Path=/; Max-Age=${Math.trunc(lifetimeSeconds)}; HttpOnly; SameSite=Lax`;
  return `${cookieValue(secret)}; ${attributes}${isSecure ? '; Secure' : ''}`;
}

/** The `Set-Cookie` header that removes it. */
export function clearedSessionCookie(isSecure: boolean): string {
  return sessionSetCookie('', 0, isSecure);
}

/** Every value of the cookie `name`, in the order received. */
export function cookieValues(message: IncomingMessage, name: string): string[] {
  const pairs = (message.headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.filter((pair) => pair.startsWith(`${name}=`)).map((pair) => pair.slice(name.length + 1));
}

/**
 * The session's secret that came with the request, or null.
 * @throws Mistake `invalid-request` when there are two: which of them the browser meant to be cannot be known
 */
export function findSessionSecret(message: IncomingMessage): string | null {
  const values = cookieValues(message, sessionCookieName);
  if (values.length > 1) throw new Mistake('invalid-request', 'there is more than one session cookie');
  return values[0] ?? null;
}
