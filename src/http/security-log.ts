/**
 * The security log: one line of JSON for each failure of authentication, refused forgery, misdirected host and exceeded
 * rate. It holds no personal data, token, proof or body; even the peer's address is only a keyed digest, with which the
 * lines of one peer can be told apart as long as this process lives.
 */
import { randomBytes } from 'node:crypto';
import { hmacSha256, secretKey, toHex, utf8 } from '../kernel/bytes.js';
import { systemClock, type Clock } from '../kernel/clock.js';
import type { Code } from '../kernel/errors.js';

export type SecurityEventName =
  'authentication-failed' | 'access-refused' | 'csrf-refused' | 'host-misdirected' | 'rate-limited' | 'malformed-http';

export interface SecurityEvent {
  readonly event: SecurityEventName;
  readonly code: Code;
  readonly method?: string | undefined;
  /** The route's pattern, never the address itself. */
  readonly route?: string | undefined;
  /** A registered organisation's code. */
  readonly organisation?: string | undefined;
  /** The peer's network address; written as a digest. */
  readonly peer?: string | undefined;
}

export type LineSink = (line: string) => void;

export const toStandardError: LineSink = (line) => void process.stderr.write(`${line}\n`);

/** Failures that belong in the security log when they are answered, whoever found them. */
const eventNames: Partial<Record<Code, SecurityEventName>> = {
  'sign-in-required': 'authentication-failed',
  'invalid-token': 'authentication-failed',
  'token-expired': 'authentication-failed',
  'wrong-audience': 'authentication-failed',
  'invalid-dpop-proof': 'authentication-failed',
  'replayed-dpop-proof': 'authentication-failed',
  'clock-skew': 'authentication-failed',
  'insufficient-scope': 'access-refused',
  forbidden: 'access-refused',
  csrf: 'csrf-refused',
  'misdirected-host': 'host-misdirected',
  'rate-limited': 'rate-limited',
};

export function findSecurityEvent(code: Code): SecurityEventName | null {
  return eventNames[code] ?? null;
}

export class SecurityLog {
  private readonly key = secretKey(randomBytes(32));

  constructor(
    private readonly sink: LineSink = toStandardError,
    private readonly clock: Clock = systemClock,
  ) {}

  record({ peer, ...event }: SecurityEvent): void {
    const digest = peer === undefined ? undefined : toHex(hmacSha256(this.key, utf8(peer))).slice(0, 12);
    this.sink(JSON.stringify({ at: this.clock().toISOString(), log: 'security', ...event, peer: digest }));
  }
}
