/** Requests that no client library would send: bytes to a socket, and whatever comes back until the server closes. */
import { connect } from 'node:net';

export interface RawResponse {
  status: number;
  /** Names in lower case. */
  headers: Map<string, string>;
  body: string;
}

/** Sends `bytes` and reads until the connection ends; the request should say `Connection: close`. */
export async function sendRaw(port: number, bytes: string | Buffer): Promise<RawResponse> {
  const text = await new Promise<string>((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.once('close', () => resolve(Buffer.concat(chunks).toString('utf8')));
    socket.once('error', (error) => (chunks.length > 0 ? undefined : reject(error)));
    socket.setTimeout(10_000, () => socket.destroy(new Error('no answer within ten seconds')));
  });
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers = lines.map(
    (line) => [line.split(':', 1)[0]!.toLowerCase(), line.slice(line.indexOf(':') + 1).trim()] as const,
  );
  return { status: Number(statusLine.split(' ')[1]), headers: new Map(headers), body: rest.join('\r\n\r\n') };
}

/** A whole request; `lines` come after the request line. */
export function rawRequest(port: number, requestLine: string, lines: readonly string[] = [], body = ''): string {
  const hasHost = lines.some((line) => /^host:/i.test(line));
  const all = [...(hasHost ? [] : [`Host: 127.0.0.1:${port}`]), ...lines, 'Connection: close'];
  return `${requestLine}\r\n${all.join('\r\n')}\r\n\r\n${body}`;
}
