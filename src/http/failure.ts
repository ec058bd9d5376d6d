/**
 * Understands whatever was thrown: our own mistakes, Fastify's and Nest's errors, the database's refusals and absences.
 * Everything unknown is ours. No text of a foreign error goes out: it may quote the body, the address or a row.
 */
import { HttpException } from '@nestjs/common';
import { DatabaseError } from 'pg';
import { codes, Mistake, type Code } from '../kernel/errors.js';
import type { Failure, Headers } from './problem.js';

/** @param bodyBytesMax the limit of the route that was asked for */
export function failureOf(error: unknown, bodyBytesMax: number): Failure {
  if (error instanceof Mistake) return failureOfMistake(error);
  return (
    failureOfFastify(error, bodyBytesMax) ??
    failureOfDatabase(error) ??
    failureOfStatus(error) ?? {
      code: 'internal',
      detail: 'something is wrong on our side; it is recorded under the incident named here',
      isIncident: true,
    }
  );
}

/** Anything can be thrown, and errors of Node's own are not always instances of this realm's `Error`. */
interface Thrown {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly statusCode?: unknown;
  /** The database's error inside TypeORM's. */
  readonly driverError?: unknown;
}

function asThrown(value: unknown): Thrown {
  return typeof value === 'object' && value !== null ? value : {};
}

const retryingSoon: Headers = { 'retry-after': '1' };

/** A mistake may bring headers of its own, as `MistakeWithHeaders` does. */
function failureOfMistake(mistake: Mistake): Failure {
  const own = 'headers' in mistake ? (mistake.headers as Headers) : {};
  const [status] = codes[mistake.code];
  return {
    code: mistake.code,
    detail: mistake.message,
    extra: mistake.extra,
    headers: status === 503 ? { ...retryingSoon, ...own } : own,
    isIncident: status >= 500,
  };
}

/** Fastify's errors are told by their code; its "Errors" reference lists them. */
function failureOfFastify(error: unknown, bodyBytesMax: number): Failure | null {
  switch (asThrown(error).code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return {
        code: 'body-too-large',
        detail: `the body may have ${bodyBytesMax} bytes here`,
        extra: { limitBytes: bodyBytesMax },
      };
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      // Accept in the answer names what would have been taken (RFC 9110 section 15.5.16).
      return {
        code: 'unsupported-media-type',
        detail: 'the body is to be application/json',
        headers: { accept: 'application/json' },
      };
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return { code: 'malformed-json', detail: 'the body is not JSON (RFC 8259)' };
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return { code: 'invalid-request', detail: 'the body is not as long as Content-Length says' };
    case 'FST_ERR_BAD_URL':
      return { code: 'invalid-request', detail: 'the address is not percent-encoded UTF-8' };
    case 'FST_ERR_MAX_PARAM_LENGTH':
    case 'FST_ERR_NOT_FOUND':
      return { code: 'not-found', detail: 'there is nothing at this address' };
    default:
      return null;
  }
}

/** The refusals our own functions raise (migrations), whose messages are sentences of ours without personal data. */
const raised: Readonly<Record<string, Code>> = {
  AZ403: 'forbidden',
  AZ404: 'not-found',
  AZ409: 'conflict',
  AZ410: 'not-approved',
  AZ422: 'unacceptable-items',
};

/** PostgreSQL, appendix A: what a stranger's text can bring about though its schema let it pass. */
const unstorable = new Set(['22021', '22P02', '22P05', '22003', '22007', '22008']);

/** Connection exceptions, lack of resources, shutdown, cancelled by a timeout, lock not to be had, read only, deadlock. */
const passing = /^(08|53|57P|57014|55P03|25006|25P03|40001|40P01)/;

const lostConnection = /^(ECONNREFUSED|ECONNRESET|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;
/** node-postgres gives these no code. */
const lostConnectionSentence =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Cannot use a pool after calling end)/;

/** PostgreSQL, lock_not_available (pool.ts: `limits`). */
const heldByAnother =
  'something in the database that is needed here has been held for seconds by somebody else; try again';

function failureOfDatabase(error: unknown): Failure | null {
  const cause = asThrown(error).driverError ?? error;
  const unavailable: Failure = {
    code: 'unavailable',
    detail: 'the database cannot be reached at the moment; try again',
    headers: retryingSoon,
    isIncident: true,
  };
  if (cause instanceof DatabaseError) {
    const state = cause.code ?? '';
    const code = raised[state];
    if (code !== undefined) return { code, detail: cause.message.slice(0, 200) };
    if (unstorable.has(state)) return { code: 'invalid-request', detail: 'a value in the request cannot be stored' };
    if (state === '55P03') return { ...unavailable, detail: heldByAnother };
    return passing.test(state) ? unavailable : null;
  }
  const { code, message } = asThrown(cause);
  return lostConnection.test(String(code)) || lostConnectionSentence.test(String(message)) ? unavailable : null;
}

const codeOfStatus: Readonly<Record<number, Code>> = {
  401: 'sign-in-required',
  403: 'forbidden',
  404: 'not-found',
  405: 'method-not-allowed',
  408: 'request-timeout',
  409: 'conflict',
  413: 'body-too-large',
  415: 'unsupported-media-type',
  429: 'rate-limited',
  431: 'header-too-large',
  503: 'unavailable',
};

/** Nest's exceptions and those of Fastify's plugins carry a status; their texts may quote the address. */
function failureOfStatus(error: unknown): Failure | null {
  const status = error instanceof HttpException ? error.getStatus() : asThrown(error).statusCode;
  if (typeof status !== 'number' || status < 400) return null;
  const code = codeOfStatus[status] ?? (status < 500 ? 'invalid-request' : null);
  return code === null ? null : { code, detail: codes[code][1] };
}
