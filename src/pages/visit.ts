/** One request of a person: what arrived, what will be answered, and who is signed in. Routes take it as `@CurrentVisit()`. */
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { VNode } from 'preact';
import type { Session } from '../http/session.js';
import { findSessionOf } from '../http/session.guard.js';
import { pageHeaders, withoutScripts } from './content-security-policy.js';
import { renderPage } from './render.js';

export interface Visit {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** Null for a stranger. */
  readonly session: Session | null;
}

/** Only on routes with `@SignedIn` or `@MaybeSignedIn`. */
export const CurrentVisit = createParamDecorator((_data: unknown, context: ExecutionContext): Visit => {
  const http = context.switchToHttp();
  const request = http.getRequest<FastifyRequest>();
  return { request, reply: http.getResponse<FastifyReply>(), session: findSessionOf(request) };
});

/** For a route that returns the page. @param policy of content-security-policy.ts */
export function page({ reply }: Visit, content: VNode, policy = withoutScripts): string {
  void reply.headers(pageHeaders(policy));
  return renderPage(content);
}

/** For a route that answers by itself (`@Res()`): the page again after a form that was not accepted, unless another status is given. */
export async function sendPage(reply: FastifyReply, content: VNode, status = 422): Promise<void> {
  await reply.code(status).headers(pageHeaders(withoutScripts)).send(renderPage(content));
}

/** For a route that answers by itself: 303, so that going back or reloading does not send the form again (RFC 9110 section 15.4.4). */
export async function goTo(reply: FastifyReply, path: string): Promise<void> {
  await reply.code(303).header('location', path).send();
}

/** Of a repeated query parameter the first counts. */
export function queryOf({ query }: FastifyRequest, name: string): string | undefined {
  // An address that could not be read has no query.
  const value = (query as Readonly<Record<string, string | string[] | undefined>> | undefined)?.[name];
  return Array.isArray(value) ? value[0] : value;
}
