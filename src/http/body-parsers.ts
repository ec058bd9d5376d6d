/** The two kinds of body this service reads: JSON everywhere, forms for the pages. Everything else is 415. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { sha256 } from '../kernel/bytes.js';
import { Mistake } from '../kernel/errors.js';
import { parseFormBody } from './form-body.js';
import { parseJsonBody } from './json-body.js';

const digests = new WeakMap<FastifyRequest, Buffer>();

/** SHA-256 of the body as it arrived; for requests with an Idempotency-Key. */
export function bodyDigestOf(request: FastifyRequest): Buffer {
  return digests.get(request) ?? sha256(Buffer.alloc(0));
}

export function addBodyParsers(instance: FastifyInstance): void {
  instance.removeAllContentTypeParsers();
  instance.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    finish(done, () => {
      assertUtf8Charset(request);
      if (request.headers['idempotency-key'] !== undefined) digests.set(request, sha256(body as Buffer));
      // Clients that always send a content type send it without a body too; the schema says whether one is needed.
      return body.length === 0 ? undefined : parseJsonBody(body as Buffer);
    });
  });
  instance.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'buffer' }, (request, body, done) => {
    finish(done, () => {
      if (request.url.startsWith('/v1/')) throw unsupported('a form is not accepted here; send application/json');
      assertUtf8Charset(request);
      return parseFormBody(body as Buffer);
    });
  });
}

function finish(done: (error: Error | null, body?: unknown) => void, parse: () => unknown): void {
  let body: unknown;
  try {
    body = parse();
  } catch (error) {
    done(error as Error);
    return;
  }
  done(null, body);
}

/** JSON has no charset parameter (RFC 8259 section 11), but many clients send one; any other than UTF-8 is refused. */
function assertUtf8Charset({ headers }: FastifyRequest): void {
  const [, ...parameters] = (headers['content-type'] ?? '').split(';');
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.split('=').map((part) => part.trim().toLowerCase());
    if (name === 'charset' && value !== 'utf-8' && value !== '"utf-8"') throw unsupported('the charset is to be UTF-8');
  }
}

function unsupported(detail: string): Mistake {
  return new Mistake('unsupported-media-type', detail);
}
