/**
 * The request that the library sees: built here from what was checked. Host and scheme are those of PUBLIC_URL, and no other
 * header of the outside arrives, so nothing that a stranger or a proxy adds can change an issuer, a URL or a client.
 */
import { IncomingMessage } from 'node:http';
import { fieldLines } from '../proof/request-proof.js';

export interface InnerRequest {
  readonly method: string;
  readonly path: string;
  readonly publicUrl: URL;
  /** For endpoints that take a form. */
  readonly form?: URLSearchParams;
}

export function innerRequest(outer: IncomingMessage, { method, path, publicUrl, form }: InnerRequest): IncomingMessage {
  const inner = new IncomingMessage(outer.socket);
  inner.method = method;
  inner.url = path;
  inner.httpVersion = '1.1';
  inner.httpVersionMajor = 1;
  inner.httpVersionMinor = 1;
  inner.headers = {
    host: publicUrl.host,
    'x-forwarded-proto': publicUrl.protocol.slice(0, -1),
    accept: 'application/json',
    ...onlyLine(outer, 'authorization'),
    ...onlyLine(outer, 'dpop'),
  };
  if (form) {
    const body = Buffer.from(form.toString(), 'ascii');
    inner.headers['content-type'] = 'application/x-www-form-urlencoded';
    inner.headers['content-length'] = String(body.length);
    inner.push(body);
  }
  inner.push(null);
  inner.complete = true;
  return inner;
}

function onlyLine(outer: IncomingMessage, name: string): Record<string, string> {
  const [line] = fieldLines(outer, name);
  return line === undefined ? {} : { [name]: line };
}
