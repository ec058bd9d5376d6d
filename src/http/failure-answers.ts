/**
 * The one place where a failed request is answered: as a problem document, or as a page where a person is looking and the
 * pages have registered how. Records what belongs in the security log, gives incidents an id, and never answers twice: a
 * response that has begun is cut off, so that nobody takes half of it for the whole.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../kernel/clock.js';
import { codes, Mistake, type Code } from '../kernel/errors.js';
import { failureOf } from './failure.js';
import { describeIncident } from './incident-log.js';
import { bodyBytesMax } from './limits.js';
import { problemMediaType, toProblem, type Failure, type Headers, type Problem } from './problem.js';
import type { PublicAddress } from './public-address.js';
import { peerKey, type RateLimits } from './rate-limit.js';
import { findSecurityEvent, type LineSink, type SecurityEventName, type SecurityLog } from './security-log.js';
import { cookieValues, sessionCookieName } from './session-cookie.js';

export interface FailureAnswersOptions {
  readonly address: PublicAddress;
  readonly clock: Clock;
  readonly rateLimits: RateLimits;
  readonly securityLog: SecurityLog;
  /** Takes one line of JSON for each failure of ours. */
  readonly incidentSink: LineSink;
  /** The WWW-Authenticate header for a mistake, or null for the default of its code. */
  readonly challenge: (mistake: Mistake) => string | null;
}

export interface FailurePage {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Renders a failure as a page, or returns null to let the problem document stand. */
export type FailurePageRenderer = (
  problem: Problem,
  request: FastifyRequest,
) => FailurePage | null | Promise<FailurePage | null>;

/** What a code means, at the address that is the `type` of its problems. */
export interface ProblemExplanation {
  readonly type: string;
  readonly code: Code;
  readonly status: number;
  readonly title: string;
  readonly titleJa: string;
  /** `code` stands between backticks. */
  readonly explanation: string;
  readonly explanationJa: string;
}

export type ExplanationPageRenderer = (
  problems: readonly ProblemExplanation[],
  request: FastifyRequest,
) => Omit<FailurePage, 'status'>;

/** What only programs ask for; there a browser gets the problem document too. */
const forPrograms = /^\/(v1|log|problems|\.well-known|openapi\.json)(?=[/?]|$)/;

export class FailureAnswers {
  private renderPage: FailurePageRenderer | null = null;
  private renderExplanations: ExplanationPageRenderer | null = null;

  constructor(private readonly settings: FailureAnswersOptions) {}

  /** For the pages. The last one registered counts. */
  renderPagesWith(renderer: FailurePageRenderer): void {
    this.renderPage = renderer;
  }

  /** For the pages: how the meaning of codes is shown. */
  renderExplanationsWith(renderer: ExplanationPageRenderer): void {
    this.renderExplanations = renderer;
  }

  /** Null where no pages are served. */
  explanationPage(problems: readonly ProblemExplanation[], request: FastifyRequest) {
    return this.renderExplanations?.(problems, request) ?? null;
  }

  /** Answers `request`, whatever was thrown. Never throws. */
  async answer(error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    try {
      await this.answerOnce(error, request, reply);
    } catch {
      reply.raw.destroy();
    }
  }

  private async answerOnce(error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const failure = this.understand(error, request);
    if (reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    const problem = toProblem(failure, this.settings.address.origin);
    const headers = this.headersOf(failure, error);
    const page = await this.findPage(problem, request);
    if (page !== null) {
      send(reply, page.status, { ...headers, ...page.headers }, page.body);
      return;
    }
    send(reply, problem.status, headers, JSON.stringify(problem));
  }

  /** The answer to what could not be parsed as a request; the caller sends it. */
  answerAlone(failure: Failure, peer: string | undefined): { problem: Problem; headers: Headers } {
    this.settings.securityLog.record({ event: 'malformed-http', code: failure.code, peer });
    return { problem: toProblem(failure, this.settings.address.origin), headers: this.headersOf(failure) };
  }

  private understand(error: unknown, request: FastifyRequest): Failure {
    const { routeOptions, method, raw } = request;
    const place = { method, route: routeOptions.url ?? '' };
    const peer = raw.socket.remoteAddress;
    const failure = this.limited(failureOf(error, routeOptions.bodyLimit ?? bodyBytesMax), request);
    const event = securityEventOf(failure, request);
    if (event !== null) this.settings.securityLog.record({ event, code: failure.code, ...place, peer });
    if (!failure.isIncident) return failure;
    const { incident, line } = describeIncident(error, place, this.settings.clock());
    this.settings.incidentSink(line);
    return { ...failure, extra: { ...failure.extra, incident } };
  }

  /** A peer that keeps failing to authenticate is told to slow down instead of what was wrong. */
  private limited(failure: Failure, request: FastifyRequest): Failure {
    if (securityEventOf(failure, request) !== 'authentication-failed') return failure;
    try {
      this.settings.rateLimits.take('failed-authentication', peerKey(request.raw.socket.remoteAddress ?? ''));
      return failure;
    } catch (tooMany) {
      return failureOf(tooMany, bodyBytesMax);
    }
  }

  private headersOf({ code, headers }: Failure, error?: unknown): Headers {
    const own = error instanceof Mistake && error.code === code ? this.settings.challenge(error) : null;
    const challenge = own ?? (codes[code][0] === 401 ? defaultChallenge(code) : null);
    const challenges: Headers = challenge === null ? {} : { 'www-authenticate': challenge };
    return { ...challenges, ...headers, 'content-type': problemMediaType };
  }

  private async findPage(problem: Problem, request: FastifyRequest): Promise<FailurePage | null> {
    const wantsPage = request.headers.accept?.includes('text/html') && !forPrograms.test(request.raw.url ?? '');
    if (this.renderPage === null || !wantsPage) return null;
    try {
      return await this.renderPage(problem, request);
    } catch (error) {
      const place = { method: request.method, route: 'the page about a failure' };
      this.settings.incidentSink(describeIncident(error, place, this.settings.clock()).line);
      return null;
    }
  }
}

/** Somebody who has no session and opens a page that needs one has attempted nothing. */
function securityEventOf({ code }: Failure, request: FastifyRequest): SecurityEventName | null {
  const isStranger = code === 'sign-in-required' && cookieValues(request.raw, sessionCookieName).length === 0;
  return isStranger ? null : findSecurityEvent(code);
}

/** Every 401 names a scheme (RFC 9110 section 15.5.2); for a session there is draft-broyer-http-cookie-auth. */
function defaultChallenge(code: Code): string {
  return code === 'sign-in-required' ? `Cookie realm="azukari", cookie-name="${sessionCookieName}"` : 'DPoP';
}

/** A reply that was taken over (hijacked) but has not begun is answered on the raw response. */
function send(reply: FastifyReply, status: number, headers: Headers, body: string): void {
  if (reply.raw.headersSent) return;
  if (reply.sent) {
    reply.raw.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
    return;
  }
  // What the controller set for its own answer does not describe this one.
  for (const name of ['content-length', 'content-disposition', 'etag', 'last-modified']) reply.removeHeader(name);
  reply.code(status).headers(headers).send(body);
}
