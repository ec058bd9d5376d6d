/**
 * The address under which the world knows this service, from configuration alone. What a client writes into Host is
 * compared with it and never used; X-Forwarded-* and Forwarded are not looked at.
 */

export interface PublicAddress {
  /** `https://azukari.example` */
  readonly origin: string;
  readonly scheme: 'http:' | 'https:';
  /** Lower case, without the scheme's own port. */
  readonly host: string;
  readonly isSecure: boolean;
  /** Whether the names of this machine are accepted as well, on the port that is listened on. */
  readonly acceptsLoopbackNames: boolean;
}

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * @param isDemo a demo answers under the machine's own names whatever its public address
 * @throws Error when `publicUrl` is no http or https address, or is http for anything but this machine
 */
export function readPublicUrl(publicUrl: string, isDemo = false): PublicAddress {
  const url = URL.parse(publicUrl);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') throw new Error('PUBLIC_URL is not an http(s) address');
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') {
    throw new Error('PUBLIC_URL is an address like https://azukari.example, without a path');
  }
  const isLoopback = loopbackNames.has(url.hostname);
  if (url.protocol === 'http:' && !isLoopback) throw new Error('PUBLIC_URL must be https outside this machine');
  return {
    origin: url.origin,
    scheme: url.protocol,
    host: url.host,
    isSecure: url.protocol === 'https:',
    acceptsLoopbackNames: isLoopback || isDemo,
  };
}

const hostForm = /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9_.-]{1,253})(?::(\d{1,5}))?$/;

/** A Host header in the form of {@link PublicAddress.host}, or null when it is none (RFC 9110 section 7.2). */
export function normaliseHost(header: string, scheme: PublicAddress['scheme']): string | null {
  const [, name, port] = hostForm.exec(header.toLowerCase()) ?? [];
  if (name === undefined) return null;
  const own = scheme === 'https:' ? 443 : 80;
  return port === undefined || Number(port) === own ? name : `${name}:${Number(port)}`;
}

/** @param port the port on which the request arrived */
export function isOurHost(host: string | null, address: PublicAddress, port: number | undefined): boolean {
  if (host === null) return false;
  if (host === address.host) return true;
  if (!address.acceptsLoopbackNames || port === undefined) return false;
  // By its names the machine is reached without TLS.
  return [...loopbackNames].some((name) => host === (port === 80 ? name : `${name}:${port}`));
}

/** Where a page of ours that sent this request lives: under our public address, or under the name the request itself used. */
export function ownOrigins(host: string | null, address: PublicAddress): string[] {
  return address.acceptsLoopbackNames && host !== null && host !== address.host
    ? [address.origin, `http://${host}`]
    : [address.origin];
}
