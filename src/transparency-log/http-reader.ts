/**
 * A log over HTTP. Follows no redirects, reads no more than a resource can have, and sends the mirror's bearer token with requests for
 * entry bundles only (everything else is public), and over https or the loopback only.
 */
import { type LogReader, ReadFailure, readerOver } from './reader.js';

const timeoutMilliseconds = 30_000;

/** One server of several may know a checkpoint a moment before the next has its tiles; a deployment takes longer, and answers with 5xx. */
const distance = { patienceMs: 3_000, readsAtOnce: 8 };

/** @param baseUrl the log's prefix, for example `https://example.jp/log`. @param token of a mirror, for entry bundles. */
export function httpReader(baseUrl: string, token?: string): LogReader {
  const base = baseUrl.replace(/\/+$/, '');
  return readerOver(async (path, bytesMax) => {
    const needsToken = token !== undefined && path.startsWith('tile/entries/');
    try {
      if (needsToken && !isConfidential(base)) throw new ReadFailure(`${path} is not asked for: a token needs https`);
      const response = await fetch(`${base}/${path}`, {
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMilliseconds),
        headers: needsToken ? { authorization: `Bearer ${token}` } : {},
      });
      if (response.ok) return await readBody(response, path, bytesMax);
      await response.body?.cancel();
      const isAbsent = response.status === 404 || response.status === 410;
      if (isAbsent && path === 'checkpoint') {
        throw new ReadFailure(
          `there is no log at ${base} (no checkpoint): the log of a city is at its address with /log behind it`,
        );
      }
      if (isAbsent) return null;
      throw new ReadFailure(`${path} is answered with ${response.status}${hintFor(response.status)}`);
    } catch (error) {
      if (error instanceof ReadFailure) throw error;
      const { message, cause } = error as Error & { cause?: Error };
      throw new ReadFailure(`${path} cannot be fetched: ${cause?.message ?? message}`, { cause: error });
    }
  }, distance);
}

function isConfidential(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
}

async function readBody(response: Response, path: string, bytesMax: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > bytesMax) throw new ReadFailure(`${path} is larger than ${bytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function hintFor(status: number): string {
  return status === 401 || status === 403 ? ': entries are for the board and mirrors; a token is needed' : '';
}
