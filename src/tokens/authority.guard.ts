/**
 * `@Authorised('provision')` or `@Authorised('application')` on a route: only with an access token of that kind and a fresh DPoP proof for
 * this very request. What the token covers is then at hand as `@CurrentAuthority()`.
 */
import {
  applyDecorators,
  type CanActivate,
  createParamDecorator,
  type ExecutionContext,
  Inject,
  Injectable,
  SetMetadata,
  UseGuards,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { HTTP_SETTINGS, type HttpSettings } from '../http/http-settings.js';
import { invariant } from '../kernel/errors.js';
import { proofRequestOf, verifyProof } from './proof/request-proof.js';
import { type Authority, ReadAuthenticator } from './read-authenticator.js';

const demandKey = 'azukari:authority';
const authorities = new WeakMap<FastifyRequest, Authority>();

@Injectable()
export class AuthorityGuard implements CanActivate {
  constructor(
    private readonly authenticator: ReadAuthenticator,
    private readonly reflector: Reflector,
    @Inject(HTTP_SETTINGS) private readonly settings: HttpSettings,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const kind = this.reflector.getAllAndOverride<Authority['kind']>(demandKey, [
      context.getHandler(),
      context.getClass(),
    ]);
    const proof = verifyProof(proofRequestOf(request.raw, this.settings.address.origin), new Date());
    const authority =
      kind === 'provision'
        ? await this.authenticator.requireProvisionAuthority(proof)
        : await this.authenticator.requireApplicationAuthority(proof);
    this.settings.rateLimits.take('recipient', authority.recipientId);
    authorities.set(request, authority);
    return true;
  }
}

export function Authorised(kind: Authority['kind']): MethodDecorator & ClassDecorator {
  return applyDecorators(SetMetadata(demandKey, kind), UseGuards(AuthorityGuard));
}

/** What the access token of a request that passed the guard covers. */
export const CurrentAuthority = createParamDecorator((_data: unknown, context: ExecutionContext) => {
  const authority = authorities.get(context.switchToHttp().getRequest<FastifyRequest>());
  invariant(authority, 'an authority is only known on a route with @Authorised');
  return authority;
});
