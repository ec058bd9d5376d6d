/** What the HTTP rung is told and what it shares: made once, handed to the Fastify adapter, to Nest's module and to the application. */
import { systemClock, type Clock } from '../kernel/clock.js';
import type { Mistake } from '../kernel/errors.js';
import { FailureAnswers } from './failure-answers.js';
import { readPublicUrl, type PublicAddress } from './public-address.js';
import { RateLimits } from './rate-limit.js';
import { SecurityLog, toStandardError, type LineSink } from './security-log.js';

export interface HttpOptions {
  /** PUBLIC_URL: https, or http on this machine. */
  readonly publicUrl: string;
  /** A demo also answers under the machine's own names, whatever its public address. */
  readonly isDemo?: boolean;
  readonly clock?: Clock;
  readonly rateLimits?: RateLimits;
  readonly securityLog?: SecurityLog;
  /** Takes one line of JSON for each failure of ours. */
  readonly incidentSink?: LineSink;
  /** The WWW-Authenticate header for a mistake, where the token rung has one to say. */
  readonly challenge?: (mistake: Mistake) => string | null;
}

export interface HttpSettings {
  readonly address: PublicAddress;
  readonly rateLimits: RateLimits;
  readonly securityLog: SecurityLog;
  readonly failures: FailureAnswers;
}

/** Injection token of {@link HttpSettings}. */
export const HTTP_SETTINGS = Symbol('settings of the HTTP rung');

/** @throws Error when the public address is unusable */
export function httpSettings(options: HttpOptions): HttpSettings {
  const { clock = systemClock, incidentSink = toStandardError, challenge = () => null } = options;
  const shared = {
    address: readPublicUrl(options.publicUrl, options.isDemo),
    rateLimits: options.rateLimits ?? new RateLimits(clock),
    securityLog: options.securityLog ?? new SecurityLog(toStandardError, clock),
  };
  return { ...shared, failures: new FailureAnswers({ ...shared, clock, incidentSink, challenge }) };
}
