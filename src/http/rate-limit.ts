/**
 * Token buckets in memory, per node: a bound on abuse, not an account of use (the approved frequency of a program is counted
 * in the database). Generous by design. Failed authentications only ever slow down further failures of that peer, never a
 * request that is good: nobody is locked out because somebody else used their name.
 */
import { systemClock, type Clock } from '../kernel/clock.js';
import { MistakeWithHeaders } from './problem.js';

export interface RateLimit {
  /** How many may come at once. */
  readonly burst: number;
  readonly perSecond: number;
}

export const rateLimits = {
  /** Of one peer. Only answers that are failures anyway count. */
  'failed-authentication': { burst: 1_000, perSecond: 20 },
  /** Of one peer. */
  'sign-in': { burst: 100, perSecond: 2 },
  /** Of one recipient, authenticated. */
  recipient: { burst: 50_000, perSecond: 20_000 },
  /** Of one source, authenticated. */
  source: { burst: 2_000, perSecond: 200 },
  /** Of one resident, board member or member of staff, signed in. */
  person: { burst: 2_000, perSecond: 100 },
  /** Of one resident: each writes an entry into the log. */
  'own-access': { burst: 60, perSecond: 0.2 },
  /** Of one member of staff: asking, refusing and looking. */
  'staff-access': { burst: 60, perSecond: 0.1 },
  /** Of one resident: each takes a node longer than anything else. */
  'own-export': { burst: 10, perSecond: 0.005 },
} as const satisfies Record<string, RateLimit>;

export type RateLimitName = keyof typeof rateLimits;

interface Bucket {
  tokens: number;
  /** Milliseconds. */
  at: number;
}

/** The buckets of one limit. At most `keysMax` are remembered; beyond it the one unused for longest is forgotten. */
export class TokenBuckets {
  private readonly buckets = new Map<string, Bucket>();

  constructor(
    private readonly limit: RateLimit,
    private readonly keysMax = 50_000,
  ) {}

  /** Takes one token. Returns 0, or after how many seconds one will be there. */
  take(key: string, nowMs: number): number {
    const { burst, perSecond } = this.limit;
    const bucket = this.buckets.get(key) ?? { tokens: burst, at: nowMs };
    const refilled = bucket.tokens + (Math.max(0, nowMs - bucket.at) / 1000) * perSecond;
    const tokens = Math.min(burst, refilled);
    const isGiven = tokens >= 1;
    // A Map keeps the order of insertion, so the first key is the one unused for longest.
    this.buckets.delete(key);
    this.buckets.set(key, { tokens: isGiven ? tokens - 1 : tokens, at: nowMs });
    if (this.buckets.size > this.keysMax) this.buckets.delete(this.buckets.keys().next().value!);
    return isGiven ? 0 : (1 - tokens) / perSecond;
  }
}

export class RateLimits {
  private readonly buckets: Readonly<Record<RateLimitName, TokenBuckets>>;

  constructor(
    private readonly clock: Clock = systemClock,
    limits: Readonly<Record<RateLimitName, RateLimit>> = rateLimits,
  ) {
    const entries = Object.entries(limits).map(([name, limit]) => [name, new TokenBuckets(limit)]);
    this.buckets = Object.fromEntries(entries) as Record<RateLimitName, TokenBuckets>;
  }

  /**
   * @param key whom the limit is of: an organisation's code, an internal id, or a {@link peerKey}
   * @throws MistakeWithHeaders `rate-limited` with Retry-After (RFC 9110 section 10.2.3)
   */
  take(name: RateLimitName, key: string): void {
    const waitSeconds = this.buckets[name].take(key, this.clock().getTime());
    if (waitSeconds === 0) return;
    const retryAfter = String(Math.max(1, Math.ceil(waitSeconds)));
    throw new MistakeWithHeaders('rate-limited', 'there were too many requests; try again later', {
      'retry-after': retryAfter,
    });
  }
}

/** A peer's address as a key; a household has all of an IPv6 /64 (RFC 6177), so that counts as one. */
export function peerKey(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length);
  const all = [...groups, ...Array<string>(Math.max(0, missing)).fill('0'), ...(tail ? tail.split(':') : [])];
  return all.slice(0, 4).join(':');
}
