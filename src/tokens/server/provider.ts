/**
 * The authorization server itself: `oidc-provider` in the shape of the FAPI 2.0 Security Profile, for client_credentials with
 * one authorization detail, private_key_jwt and DPoP. The holes of its defaults are closed here, in `client-assertion.ts`, in
 * `request-checks.ts` and by the adapter.
 */
import type { IncomingMessage } from 'node:http';
import { type Client, type Configuration, errors, type JWK, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Pool } from 'pg';
import type { Clock } from '../../kernel/clock.js';
import { invariant } from '../../kernel/errors.js';
import {
  applicationType,
  findUncovered,
  parseAuthorizationDetails,
  type ProgramLookup,
  provisionType,
} from '../authorization-details.js';
import type { DpopProof } from '../proof/dpop-proof.js';
import { signingAlgorithms } from '../proof/public-key.js';
import { adapterFactory } from './adapter.js';
import { assertClientAssertion } from './client-assertion.js';
import { recipientMember } from './client-adapter.js';
import { jwksPath, resourceOf, revocationPath, tokenPath } from './endpoints.js';
import { accessTokenSeconds, clockToleranceSeconds } from './lifetimes.js';
import { useOnce } from './replay-adapter.js';

export interface ProviderOptions {
  /** The origin of PUBLIC_URL. */
  readonly issuer: string;
  readonly pool: Pool;
  /** Private JWKs for what the server signs itself; published, without their secrets, under `/jwks`. */
  readonly signingKeys: readonly JWK[];
  readonly programLookup: ProgramLookup;
  readonly clock: Clock;
}

/** The proof that came with a request, verified before the library was asked. */
export type VerifiedProofs = WeakMap<IncomingMessage, DpopProof>;

export function createProvider(options: ProviderOptions, proofs: VerifiedProofs): Provider {
  const provider = new Provider(options.issuer, configurationOf(options, proofs));
  // The inner request states scheme and host of PUBLIC_URL in the headers that this makes the library believe.
  provider.proxy = true;
  provider.silent = true;
  return provider;
}

function configurationOf({ issuer, pool, signingKeys, programLookup, clock }: ProviderOptions, proofs: VerifiedProofs) {
  const algorithms = [...signingAlgorithms];
  return {
    adapter: adapterFactory(pool),
    assertJwtClientAuthClaimsAndHeader(_ctx, claims, header) {
      assertClientAssertion({ claims, header, issuer, now: clock() });
    },
    claims: { openid: ['sub'] },
    clientAuthMethods: ['private_key_jwt'],
    clientDefaults: { id_token_signed_response_alg: 'ES256', token_endpoint_auth_method: 'private_key_jwt' },
    clientBasedCORS: () => false,
    clockTolerance: clockToleranceSeconds,
    // Left out, these would mean client_secret_basic (RFC 8414 section 2).
    discovery: {
      revocation_endpoint_auth_methods_supported: ['private_key_jwt'],
      revocation_endpoint_auth_signing_alg_values_supported: algorithms,
    },
    enabledJWA: {
      clientAuthSigningAlgValues: algorithms,
      dPoPSigningAlgValues: algorithms,
      idTokenSigningAlgValues: ['ES256'],
    },
    extraClientMetadata: { properties: [recipientMember] },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      // The library would call a replay `invalid_grant`; authorizationDetailsForAccessToken below uses the proof up instead.
      dPoP: { enabled: true, allowReplay: true },
      fapi: { enabled: true, profile: '2.0' },
      pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
      resourceIndicators: resourceIndicatorsOf(issuer),
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      richAuthorizationRequests: richAuthorizationRequestsOf(pool, programLookup, proofs),
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
    },
    // Nobody is redirected yet: without response types the library knows no grant but client_credentials.
    responseTypes: [],
    scopes: [],
    jwks: { keys: [...signingKeys] },
    rotateRefreshToken: false,
    routes: { token: tokenPath, revocation: revocationPath, jwks: jwksPath },
    ttl: { AuthorizationCode: 60, ClientCredentials: accessTokenSeconds },
  } satisfies Configuration;
}

function resourceIndicatorsOf(issuer: string) {
  return {
    enabled: true,
    defaultResource: () => resourceOf(issuer),
    useGrantedResource: () => true,
    getResourceServerInfo(ctx: KoaContextWithOIDC, resource: string) {
      if (resource !== resourceOf(issuer)) throw new errors.InvalidTarget();
      // Asked for every token, so here a request for no detail at all ends too.
      if (parseAuthorizationDetails(ctx.oidc.params?.authorization_details) === null) throw unreadableDetails();
      return {
        scope: '',
        audience: resource,
        accessTokenTTL: accessTokenSeconds,
        accessTokenFormat: 'opaque' as const,
      };
    },
  };
}

function richAuthorizationRequestsOf(pool: Pool, programLookup: ProgramLookup, proofs: VerifiedProofs) {
  const validate = (ctx: KoaContextWithOIDC, _detail: unknown, client: Client) =>
    requireCoveredDetail(ctx, client, programLookup);
  return {
    enabled: true as const,
    types: { [provisionType]: { validate }, [applicationType]: { validate } },
    /** The last step before a token is stored: of two requests with one proof, only one comes past it. */
    async authorizationDetailsForAccessToken(ctx: KoaContextWithOIDC) {
      const proof = proofs.get(ctx.req);
      invariant(proof, 'a token request has a verified proof');
      if (!(await useOnce(pool, 'proof', proof.jtiSha256, proof.expiresAt))) {
        throw new errors.InvalidDpopProof('the proof was used before');
      }
      const detail = parseAuthorizationDetails(ctx.oidc.params?.authorization_details);
      invariant(detail, 'the detail was validated');
      return [detail];
    },
    authorizationDetailsForGrantSource: notOffered,
    authorizationDetailsForIntrospection: notOffered,
  };
}

async function requireCoveredDetail(ctx: KoaContextWithOIDC, client: Client, lookup: ProgramLookup): Promise<void> {
  const detail = parseAuthorizationDetails(ctx.oidc.params?.authorization_details);
  if (detail === null) throw unreadableDetails();
  if (detail.type === applicationType) return;
  const uncovered = findUncovered(detail, await lookup(client[recipientMember] as string, detail.program));
  if (uncovered !== null) throw new errors.InvalidAuthorizationDetails(uncovered);
}

function unreadableDetails(): errors.OIDCProviderError {
  return new errors.InvalidAuthorizationDetails(
    'exactly one detail of a known type, with its fields and no others, is needed',
  );
}

function notOffered(): never {
  throw new errors.InvalidRequest('this is not offered');
}
