/**
 * Keep-alive connections to the service, one for each request in flight. What is answered whole is read straight from the socket, which
 * costs the load generator a third of what node:http does and leaves that to what is measured; a stream is read with node:http.
 */
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';

export interface HttpAnswer {
  status: number;
  text: string;
}

interface Address {
  host: string;
  port: number;
}

export class Connections {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 256 });
  private readonly nodes: { address: Address; idle: Connection[] }[];
  private sent = 0;

  /** @param addresses of one node or more; requests go to each in turn. */
  constructor(...addresses: readonly Address[]) {
    this.nodes = addresses.map(({ host, port }) => ({ address: { host, port }, idle: [] }));
  }

  async send(method: string, path: string, headers: Record<string, string>, body = ''): Promise<HttpAnswer> {
    const { address, idle } = this.nodes[this.sent % this.nodes.length]!;
    this.sent += 1;
    const connection = this.fresh(idle) ?? new Connection(address);
    const answer = await connection.ask(method, path, headers, body);
    idle.push(connection);
    return answer;
  }

  /** One that the service will not close at this very moment: it does so after five seconds without a request. */
  private fresh(idle: Connection[]): Connection | undefined {
    for (let next = idle.pop(); next !== undefined; next = idle.pop()) {
      if (performance.now() - next.usedAt < idleMaxMs) return next;
      next.close();
    }
    return undefined;
  }

  /** The answer of the first node as it comes. */
  open(method: string, path: string, headers: Record<string, string>, body?: string): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const outgoing = request({ ...this.nodes[0]!.address, agent: this.agent, method, path, headers }, resolve);
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  close(): void {
    this.agent.destroy();
    for (const { idle } of this.nodes) for (const connection of idle.splice(0)) connection.close();
  }
}

const idleMaxMs = 3_000;
const endOfHead = Buffer.from('\r\n\r\n');

/** One connection, one request at a time; every answer must name its length. */
class Connection {
  usedAt = performance.now();
  private readonly socket: Socket;
  private readonly host: string;
  private received: Buffer[] = [];
  private head: { status: number; size: number } | null = null;
  private waiting: { resolve: (answer: HttpAnswer) => void; reject: (error: Error) => void } | null = null;

  constructor({ host, port }: Address) {
    this.host = `${host}:${port}`;
    this.socket = connect({ host, port, noDelay: true });
    this.socket.on('data', (chunk) => this.take(chunk));
    this.socket.on('error', (error) => this.fail(error));
    this.socket.on('close', () => this.fail(new Error('the service closed the connection')));
  }

  ask(method: string, path: string, headers: Record<string, string>, body: string): Promise<HttpAnswer> {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const length = method === 'GET' ? '' : `content-length: ${Buffer.byteLength(body)}\r\n`;
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.socket.write(`${method} ${path} HTTP/1.1\r\nhost: ${this.host}\r\n${lines.join('')}${length}\r\n${body}`);
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    this.received.push(chunk);
    const bytes = this.received.length === 1 ? chunk : Buffer.concat(this.received);
    this.received = [bytes];
    this.head ??= headOf(bytes);
    if (this.head === null || bytes.length < this.head.size) return;
    const { status, size } = this.head;
    const start = bytes.indexOf(endOfHead) + endOfHead.length;
    const { waiting } = this;
    this.usedAt = performance.now();
    [this.received, this.head, this.waiting] = [[], null, null];
    waiting?.resolve({ status, text: bytes.toString('utf8', start, size) });
  }

  private fail(error: Error): void {
    this.waiting?.reject(error);
    this.waiting = null;
  }
}

/** The status, and the size of head and body together; null while the head is not there. */
function headOf(bytes: Buffer): { status: number; size: number } | null {
  const end = bytes.indexOf(endOfHead);
  if (end < 0) return null;
  const head = bytes.toString('latin1', 0, end);
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  if (length === undefined) throw new Error(`an answer does not name its length: ${head.slice(0, 200)}`);
  return { status: Number(head.slice(9, 12)), size: end + endOfHead.length + Number(length) };
}

/** @throws Error when the status is another than expected; the answer's text is in the message */
export function requireStatus({ status, text }: HttpAnswer, expected: number): string {
  if (status !== expected) throw new Error(`the service answered ${status}: ${text.slice(0, 300)}`);
  return text;
}
