/** One request as it is told, on a connection of its own: any method, any header lines, any bytes; and the whole answer, headers too. */
import { request as openRequest } from 'node:http';

export interface Sent {
  method?: string;
  path: string;
  /** A list of values sends the header as often. */
  headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  body?: string | Buffer;
}

export interface Got {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  /** Of a problem document. */
  code: string | undefined;
}

export function send(base: string, { method = 'GET', path, headers = {}, body }: Sent): Promise<Got> {
  const lines = Object.entries(headers).filter((line): line is [string, string | string[]] => line[1] !== undefined);
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(base);
    const options = {
      hostname,
      port,
      method,
      path,
      agent: false as const,
      headers: { ...length, ...Object.fromEntries(lines) },
    };
    const request = openRequest(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, code: codeOf(text) });
      });
    });
    request.on('error', reject);
    request.setTimeout(15_000, () => request.destroy(new Error('no answer')));
    request.end(body);
  });
}

function codeOf(text: string): string | undefined {
  if (!text.startsWith('{"type":')) return undefined;
  return (JSON.parse(text) as { code?: string }).code;
}
