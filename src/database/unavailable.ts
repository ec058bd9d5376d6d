/**
 * Tells "the database cannot answer now" from an error in what was asked: the first is answered with 503 and passes by
 * itself, the second is ours to mend. Pure; codes from PostgreSQL's manual, appendix "PostgreSQL Error Codes".
 */

/** Whole classes of SQLSTATE: connection exception, insufficient resources. */
const sqlClasses = new Set(['08', '53']);

const sqlStates = new Set([
  '25006', // read_only_sql_transaction: a standby, or a primary being demoted
  '57014', // query_canceled: a timeout
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '57P05', // idle_session_timeout
  '25P03', // idle_in_transaction_session_timeout
  '55P03', // lock_not_available
  '58030', // io_error
]);

const systemCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** node-postgres has no codes for these (pg/lib/client.js, pg-pool/index.js). */
const messages =
  /^Connection terminated|^Client has encountered a connection error|^timeout exceeded when trying to connect|^timeout expired/;

/** Whether `error` (or what caused it) says that the database was out of reach or unable, whatever was asked. */
export function isDatabaseUnavailable(error: unknown): boolean {
  for (let at = error, depth = 0; typeof at === 'object' && at !== null && depth < 5; depth++) {
    const { code, message, errors, cause } = at as Record<'code' | 'message' | 'errors' | 'cause', unknown>;
    if (isPassing(code) || (typeof message === 'string' && messages.test(message))) return true;
    // Node tries every address of a name, and throws the failures together.
    if (Array.isArray(errors) && errors.some((one: { code?: unknown }) => isPassing(one.code))) return true;
    at = cause;
  }
  return false;
}

function isPassing(code: unknown): boolean {
  if (typeof code !== 'string') return false;
  return systemCodes.has(code) || sqlStates.has(code) || (code.length === 5 && sqlClasses.has(code.slice(0, 2)));
}
