/** Keep-alive connections to the service over node:http, one for each request in flight. */
import { Agent, request } from 'node:http';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';

export interface HttpAnswer {
  status: number;
  text: string;
}

export class Connections {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 256 });

  constructor(private readonly address: { host: string; port: number }) {}

  async send(method: string, path: string, headers: Record<string, string>, body?: string): Promise<HttpAnswer> {
    const response = await this.open(method, path, headers, body);
    response.setEncoding('utf8');
    let text = '';
    response.on('data', (chunk: string) => (text += chunk));
    await once(response, 'end');
    return { status: response.statusCode!, text };
  }

  /** The answer as it comes. */
  open(method: string, path: string, headers: Record<string, string>, body?: string): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const outgoing = request({ ...this.address, agent: this.agent, method, path, headers }, resolve);
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}

/** @throws Error when the status is another than expected; the answer's text is in the message */
export function requireStatus({ status, text }: HttpAnswer, expected: number): string {
  if (status !== expected) throw new Error(`the service answered ${status}: ${text.slice(0, 300)}`);
  return text;
}
