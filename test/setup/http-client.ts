/**
 * Plain HTTP/1.1 over kept connections, for drivers that send thousands of requests and want to know when each began and ended. A connection
 * that breaks is an error of its request, never a second try.
 */
import { Agent, type ClientRequest, type IncomingMessage, request as openRequest } from 'node:http';

export interface Asked {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON, a text as a form. */
  readonly body?: object | string;
}

export class Answer {
  constructor(
    readonly status: number,
    readonly text: string,
  ) {}

  get json(): Record<string, unknown> {
    return JSON.parse(this.text) as Record<string, unknown>;
  }

  /** The problem's code, or undefined where the answer is no problem. */
  get code(): string | undefined {
    return this.status < 400 ? undefined : (this.json.code as string | undefined);
  }
}

export class HttpClient {
  private readonly agent = new Agent({ keepAlive: true, scheduling: 'lifo' });

  constructor(private readonly timeoutMs = 30_000) {}

  async ask(base: string, asked: Asked): Promise<Answer> {
    const response = await this.open(base, asked);
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return new Answer(response.statusCode ?? 0, Buffer.concat(chunks).toString('utf8'));
  }

  close(): void {
    this.agent.destroy();
  }

  private open(base: string, { method = 'GET', path, headers = {}, body }: Asked): Promise<IncomingMessage> {
    const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    const type = typeof body === 'string' ? 'application/x-www-form-urlencoded' : 'application/json';
    return new Promise((resolve, reject) => {
      const request: ClientRequest = openRequest(base + path, {
        method,
        agent: this.agent,
        timeout: this.timeoutMs,
        headers: {
          ...headers,
          ...(text === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(text) }),
        },
      });
      request.on('response', resolve).on('error', reject);
      request.on('timeout', () => request.destroy(new Error(`no answer within ${this.timeoutMs} ms`)));
      request.end(text);
    });
  }
}
