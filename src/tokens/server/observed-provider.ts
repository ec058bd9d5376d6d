/**
 * What surrounds every answer of the library: its metadata is cut down to what is offered, a database that cannot answer becomes
 * 503, and each refusal is reported once for the security log.
 */
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { DatabaseError } from 'pg';
import { Mistake } from '../../kernel/errors.js';
import { recipientMember } from './client-adapter.js';
import { metadataMembers, metadataPaths } from './endpoints.js';
import type { RefusedRequest } from './routes.js';

export interface Observer {
  readonly onRefusal: (refused: RefusedRequest) => void;
  /** Broken invariants and unreachable databases. */
  readonly onFailure: (error: unknown) => void;
}

interface ProviderError extends Error {
  readonly error?: string;
  readonly error_description?: string;
  readonly error_detail?: string;
}

export function observeProvider(provider: Provider, { onRefusal, onFailure }: Observer): void {
  provider.use(async (ctx, next) => {
    await next();
    if (metadataPaths.some((path) => path === ctx.path) && ctx.status === 200) {
      ctx.body = Object.fromEntries(
        Object.entries(ctx.body as Record<string, unknown>).filter(([name]) => metadataMembers.has(name)),
      );
    }
  });
  const report = (ctx: KoaContextWithOIDC, error: ProviderError) => {
    onRefusal({
      endpoint: ctx.path,
      status: ctx.status,
      error: error.error ?? 'unknown',
      // Only this error has a detail that is ours; others may quote what was sent.
      detail: (error.error === 'invalid_client' && error.error_detail) || (error.error_description ?? ''),
      recipientId: (ctx.oidc.client?.[recipientMember] as string | undefined) ?? null,
      peer: ctx.req.socket.remoteAddress,
    });
  };
  provider.on('grant.error', report);
  provider.on('revocation.error', report);
  provider.on('server_error', (ctx, error) => {
    onFailure(error);
    if (!isUnavailable(error)) return;
    ctx.status = 503;
    ctx.set('retry-after', '1');
    ctx.body = { error: 'temporarily_unavailable', error_description: 'the service cannot answer at the moment' };
  });
}

/** Lost connections, cancelled commits, a read-only or stopping server (SQLSTATE classes 08, 25, 53, 57): worth another try. */
function isUnavailable(error: Error): boolean {
  if (error instanceof Mistake) return error.code === 'unavailable';
  const code = (error as { code?: unknown }).code;
  if (error instanceof DatabaseError) return ['08', '25', '53', '57'].includes(String(code).slice(0, 2));
  return typeof code === 'string' || error.message.includes('timeout exceeded when trying to connect');
}
