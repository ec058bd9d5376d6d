/**
 * Answers a repeated request with the answer it had (draft-ietf-httpapi-idempotency-key-header), so that a client which
 * lost the answer may simply ask again. The key, the work and its answer are committed together or not at all: after a
 * crash between commit and response, a retry finds the answer; after a rollback it finds nothing and works anew.
 */
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Pool } from 'pg';
import { inTransaction, type Transaction } from '../database/pool.js';
import { isEqual, sha256, utf8 } from '../kernel/bytes.js';
import { Mistake } from '../kernel/errors.js';
import { bodyDigestOf } from './body-parsers.js';

/** For how long an answer is kept. */
export const idempotencyHours = 24;

export interface IdempotencyHeader {
  /** The Idempotency-Key, or null where the client sent none: the work is then simply done. */
  readonly key: string | null;
  /** 32 bytes over method, address and body: the same key may not stand for another request. */
  readonly requestSha256: Buffer;
}

export interface IdempotentRequest extends IdempotencyHeader {
  /** Whose key it is: `resident:<id>`, `recipient:<code>`, `source:<code>`, `board:<code>`. */
  readonly subject: string;
}

/**
 * `answer` becomes JSON and is kept for a day: ids and receipts, no more personal data than the client needs to go on.
 * Answers with a status of 400 or more are committed but not kept.
 */
export interface Answer<T> {
  readonly status: number;
  readonly answer: T;
}

/** Visible ASCII, as in a structured string; the table has the same bound. */
const keyForm = /^[\x21-\x7e]{1,200}$/;

/** @throws Mistake `invalid-request` */
export function readIdempotencyHeader(request: FastifyRequest): IdempotencyHeader {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return { key: null, requestSha256: Buffer.alloc(32) };
  if (typeof key !== 'string' || !keyForm.test(key)) {
    throw new Mistake('invalid-request', 'the Idempotency-Key is not 1 to 200 visible ASCII characters');
  }
  return { key, requestSha256: sha256(utf8(`${request.method} ${request.url}\n`), bodyDigestOf(request)) };
}

/** `@IdempotencyKey() idempotency: IdempotencyHeader` */
export const IdempotencyKey = createParamDecorator((_data: unknown, context: ExecutionContext) =>
  readIdempotencyHeader(context.switchToHttp().getRequest<FastifyRequest>()),
);

/**
 * Runs `work` once for a subject's key. Of two at the same time the second waits until the first has committed, and then
 * has its answer. `work` must use no connection but the transaction it is given.
 * @throws Mistake `idempotency-key-reused`; whatever `work` throws, and then nothing is kept
 */
export async function withIdempotency<T>(
  pool: Pool,
  { subject, key, requestSha256 }: IdempotentRequest,
  work: (transaction: Transaction) => Promise<Answer<T>>,
): Promise<Answer<T>> {
  if (key === null) return inTransaction(pool, work);
  return inTransaction(pool, async (transaction) => {
    const stored = await claim(transaction, subject, key, requestSha256);
    if (stored !== null) return stored as Answer<T>;
    const result = await work(transaction);
    if (result.status >= 400) await release(transaction, subject, key);
    else await keep(transaction, subject, key, result);
    return result;
  });
}

interface Row {
  request_sha256: Buffer;
  status: number;
  /** JSON text inside a JSON string: `jsonb` itself would sort the members, and the replay would differ from the answer. */
  answer: string;
  is_over: boolean;
}

/**
 * The stored answer, or null when this transaction now holds the key. The insertion waits for another transaction that
 * inserted the same key and has not ended (PostgreSQL, "INSERT", ON CONFLICT). An answer that is over is removed first.
 */
async function claim(
  transaction: Transaction,
  subject: string,
  key: string,
  requestSha256: Buffer,
): Promise<Answer<unknown> | null> {
  for (let attempt = 0; attempt < 3; attempt++) {
    const { rowCount } = await transaction.query({
      name: 'claim-idempotency-key',
      text: `INSERT INTO azukari.idempotency (subject, key, request_sha256) VALUES ($1, $2, $3)
             ON CONFLICT (subject, key) DO NOTHING`,
      values: [subject, key, requestSha256],
    });
    if (rowCount === 1) return null;
    const { rows } = await transaction.query<Row>({
      name: 'find-idempotent-answer',
      text: `SELECT request_sha256, status, answer #>> '{}' AS answer,
                    created_at < clock_timestamp() - make_interval(hours => $3) AS is_over
               FROM azukari.idempotency WHERE subject = $1 AND key = $2`,
      values: [subject, key, idempotencyHours],
    });
    const row = rows[0];
    if (row !== undefined && !row.is_over) return answerOf(row, requestSha256);
    if (row !== undefined) await release(transaction, subject, key);
  }
  throw new Mistake('unavailable', 'the Idempotency-Key is being removed; try again');
}

function answerOf({ request_sha256: before, status, answer }: Row, requestSha256: Buffer): Answer<unknown> {
  if (!isEqual(before, requestSha256)) {
    throw new Mistake('idempotency-key-reused', 'this Idempotency-Key came with another request before');
  }
  return { status, answer: JSON.parse(answer) as unknown };
}

async function keep(transaction: Transaction, subject: string, key: string, result: Answer<unknown>): Promise<void> {
  await transaction.query({
    name: 'keep-idempotent-answer',
    text: `UPDATE azukari.idempotency SET status = $3, answer = to_jsonb($4::text) WHERE subject = $1 AND key = $2`,
    values: [subject, key, result.status, JSON.stringify(result.answer ?? null)],
  });
}

async function release(transaction: Transaction, subject: string, key: string): Promise<void> {
  await transaction.query({
    name: 'release-idempotency-key',
    text: 'DELETE FROM azukari.idempotency WHERE subject = $1 AND key = $2',
    values: [subject, key],
  });
}

/** Removes all a subject's answers: a step of erasure (design section 6). */
export async function forgetAnswersOf(transaction: Transaction, subject: string): Promise<void> {
  await transaction.query('DELETE FROM azukari.idempotency WHERE subject = $1', [subject]);
}

/** Removes answers that are over, at most `rowsMax`; returns how many. */
export async function sweepAnswers(pool: Pool, rowsMax: number): Promise<number> {
  const { rowCount } = await pool.query(
    `DELETE FROM azukari.idempotency WHERE (subject, key) IN (
       SELECT subject, key FROM azukari.idempotency
        WHERE created_at < clock_timestamp() - make_interval(hours => $1) LIMIT $2 FOR UPDATE SKIP LOCKED)`,
    [idempotencyHours, rowsMax],
  );
  return rowCount ?? 0;
}
