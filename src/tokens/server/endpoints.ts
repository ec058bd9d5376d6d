/** What the authorization server offers, and nothing else of the library is reachable: its other routes have no address here. */

export const tokenPath = '/token';
export const revocationPath = '/token/revocation';
export const jwksPath = '/jwks';
/** RFC 8414 section 3, and the older name under which OpenID clients look. */
export const metadataPaths = ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration'] as const;

/** The members of the metadata (RFC 8414 section 2) that are true of what is offered; the library would name more. */
export const metadataMembers: ReadonlySet<string> = new Set([
  'issuer',
  'token_endpoint',
  'jwks_uri',
  'revocation_endpoint',
  'grant_types_supported',
  'response_types_supported',
  'token_endpoint_auth_methods_supported',
  'token_endpoint_auth_signing_alg_values_supported',
  'revocation_endpoint_auth_methods_supported',
  'revocation_endpoint_auth_signing_alg_values_supported',
  'dpop_signing_alg_values_supported',
  'authorization_details_types_supported',
]);

/** The one protected resource. */
export function resourceOf(issuer: string): string {
  return `${issuer}/v1`;
}
