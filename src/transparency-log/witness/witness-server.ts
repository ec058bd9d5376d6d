/**
 * A witness over HTTP (c2sp.org/tlog-witness): `POST /add-checkpoint`, and `GET /<hex SHA-256 of the origin>/checkpoint` for monitors. Plain
 * node:http with narrow limits; TLS is the business of whatever stands before it.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { requestBytesMax } from './add-checkpoint.js';
import type { Witness } from './witness.js';

const limits = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  /** A log that is busy keeps its connection from one checkpoint to the next; nobody keeps one for nothing. */
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 8 * 1024,
} as const;
const connectionsMax = 128;
/** So that one address leaves room for others. A proxy in front is one address, and has limits of its own. */
const connectionsOfOneMax = 64;

/** @param onFailure told of what is ours: the request was answered with 500, and nothing was cosigned. */
export function witnessServer(witness: Witness, onFailure: (error: unknown) => void): Server {
  const server = createServer(limits, (request, response) => {
    serve(witness, request, response).catch((error: unknown) => {
      onFailure(error);
      if (!response.headersSent) send(response, 500, 'the witness cannot cosign at the moment\n');
      else response.destroy();
    });
  });
  server.maxConnections = connectionsMax;
  limitPerAddress(server);
  return server;
}

function limitPerAddress(server: Server): void {
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    const count = (open.get(address) ?? 0) + 1;
    open.set(address, count);
    socket.once('close', () => {
      const left = open.get(address)! - 1;
      if (left === 0) open.delete(address);
      else open.set(address, left);
    });
    if (count > connectionsOfOneMax) socket.destroy();
  });
}

async function serve(witness: Witness, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url!.split('?')[0]!;
  const asked = /^\/([0-9a-f]{64})\/checkpoint$/.exec(path)?.[1];
  if (asked !== undefined) {
    if (request.method !== 'GET') return send(response, 405, 'only GET\n', { allow: 'GET' });
    const note = witness.checkpoint(asked);
    return note === null ? send(response, 404, 'nothing was cosigned of this log\n') : send(response, 200, note);
  }
  if (path !== '/add-checkpoint') return send(response, 404, 'POST add-checkpoint\n', { connection: 'close' });
  if (request.method !== 'POST') return send(response, 405, 'only POST\n', { allow: 'POST', connection: 'close' });
  const body = await readBody(request);
  if (body === 'too-large') return send(response, 413, `at most ${requestBytesMax} bytes\n`, { connection: 'close' });
  // Who has hung up hears nothing, and nothing was cosigned.
  if (body === 'gone') return;
  const answer = witness.addCheckpoint(body);
  send(response, answer.status, answer.body, { 'content-type': answer.contentType });
}

/** Reads no further than the longest request there can be. */
function readBody(request: IncomingMessage): Promise<Buffer | 'too-large' | 'gone'> {
  if (Number(request.headers['content-length'] ?? 0) > requestBytesMax) return Promise.resolve('too-large');
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size <= requestBytesMax) return;
      request.pause();
      resolve('too-large');
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', () => resolve('gone')).on('close', () => resolve('gone'));
  });
}

function send(response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}
