/** The limits of a request, in one place: the server applies them, the answers state them, the documentation quotes them. */
import { RouteConfig } from '@nestjs/platform-fastify';

/** A body, unless its route says otherwise: 1 MiB. */
export const bodyBytesMax = 1024 * 1024;
/** A deposit of a source: 8 MiB. */
export const depositBodyBytesMax = 8 * 1024 * 1024;
/** Arrays and objects within one another in a JSON body. */
export const jsonDepthMax = 64;
/** Fields of a form, repeated ones counted each time. */
export const formFieldsMax = 1000;
/** Request line and all headers together: 16 KiB. */
export const headerBytesMax = 16 * 1024;
/** One segment of a path that names something. */
export const pathSegmentLengthMax = 512;
/** Connections at once, on one node. */
export const connectionsMax = 4_000;
/** Within which a client has to send its headers, and the whole request. */
export const headersTimeoutMs = 15_000;
export const requestTimeoutMs = 60_000;

interface RouteLimits {
  bodyBytesMax?: number;
}

/** Another limit for the body of one route: `@BodyLimit(depositBodyBytesMax)`. */
export function BodyLimit(bytesMax: number): MethodDecorator {
  return RouteConfig({ bodyBytesMax: bytesMax } satisfies RouteLimits);
}

/** The limit a route set by {@link BodyLimit}, from its Fastify `config`. */
export function bodyLimitOf(config: unknown): number | undefined {
  return (config as RouteLimits | undefined)?.bodyBytesMax;
}
