/**
 * `@SignedIn('resident')` on a route or controller: only with a session of that kind, and what changes something only from
 * our own pages. `@MaybeSignedIn()` lets strangers through. The session is then at hand as `@CurrentSession()`.
 */
import {
  applyDecorators,
  createParamDecorator,
  Injectable,
  SetMetadata,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { RateLimits } from './rate-limit.js';
import type { FastifyRequest } from 'fastify';
import { invariant, Mistake } from '../kernel/errors.js';
import { assertVouchedFor } from './csrf.js';
import { findSessionSecret } from './session-cookie.js';
import type { Session, SubjectKind } from './session.js';
import { SessionsService } from './sessions.service.js';

interface SessionDemand {
  /** Empty for any kind. */
  readonly kinds: readonly SubjectKind[];
  readonly isOptional: boolean;
}

const demandKey = 'azukari:session';
const sessions = new WeakMap<FastifyRequest, Session | null>();

@Injectable()
export class SessionGuard implements CanActivate {
  constructor(
    private readonly sessionsService: SessionsService,
    private readonly reflector: Reflector,
    private readonly rateLimits: RateLimits,
  ) {}

  /**
   * @throws Mistake `sign-in-required`, `forbidden` for the other kind, `csrf`, or `invalid-request` for two session
   * cookies or an access token beside one
   */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    const demand = this.reflector.getAllAndOverride<SessionDemand | undefined>(demandKey, targets);
    invariant(demand !== undefined, 'a route with the session guard says whom it lets in');
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const session = await this.findSession(request);
    sessions.set(request, session);
    if (session === null) {
      if (demand.isOptional) return true;
      throw new Mistake('sign-in-required', 'a session is needed here');
    }
    if (demand.kinds.length > 0 && !demand.kinds.includes(session.kind)) {
      throw new Mistake('forbidden', 'this is not for this kind of session');
    }
    this.rateLimits.take('person', `${session.kind}:${session.id}`);
    assertVouchedFor(request, session);
    return true;
  }

  private async findSession({ raw }: FastifyRequest): Promise<Session | null> {
    const secret = findSessionSecret(raw);
    if (secret === null) return null;
    if (raw.headers.authorization !== undefined) {
      throw new Mistake('invalid-request', 'a request carries either a session or an access token');
    }
    return this.sessionsService.find(secret);
  }
}

/** Lets in only sessions of these kinds; without any, every session. */
export function SignedIn(...kinds: SubjectKind[]): MethodDecorator & ClassDecorator {
  return applyDecorators(
    SetMetadata(demandKey, { kinds, isOptional: false } satisfies SessionDemand),
    UseGuards(SessionGuard),
  );
}

/** Lets everybody in; `@CurrentSession()` is null for a stranger. */
export function MaybeSignedIn(): MethodDecorator & ClassDecorator {
  return applyDecorators(
    SetMetadata(demandKey, { kinds: [], isOptional: true } satisfies SessionDemand),
    UseGuards(SessionGuard),
  );
}

/** The session found by the guard: `Session`, or null under `@MaybeSignedIn()`. */
export const CurrentSession = createParamDecorator((_data: unknown, context: ExecutionContext) =>
  findSessionOf(context.switchToHttp().getRequest<FastifyRequest>()),
);

/** The session of a request that passed the guard. */
export function findSessionOf(request: FastifyRequest): Session | null {
  const session = sessions.get(request);
  invariant(session !== undefined, 'the session is only known on a route with @SignedIn or @MaybeSignedIn');
  return session;
}
