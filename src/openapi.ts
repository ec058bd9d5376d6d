/** The description of the JSON API (OpenAPI 3.1) and the catalogue that points to it (RFC 9727), made from the controllers and their schemas. */
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';

const cacheControl = 'public, max-age=300';

/** Serves `/openapi.json` and `/.well-known/api-catalog`. Call it before the application listens. */
export function serveOpenApi(app: NestFastifyApplication, publicUrl: string, version: string): void {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Azukari')
    .setDescription('Personal data kept in trust: used only with consent, every use in a log that anyone can verify.')
    .setVersion(version)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer(publicUrl)
    .addSecurity('dpop', {
      type: 'http',
      scheme: 'DPoP',
      description: 'An access token of /token, bound to a DPoP key (RFC 9449).',
    })
    .addSecurity('source', { type: 'http', scheme: 'bearer', description: 'A source’s access token.' })
    .addSecurity('session', { type: 'apiKey', in: 'cookie', name: 'azukari_session' })
    .build();
  const document = JSON.stringify(SwaggerModule.createDocument(app, config));
  const catalogue = JSON.stringify({
    linkset: [
      {
        anchor: `${publicUrl}/v1`,
        'service-desc': [{ href: `${publicUrl}/openapi.json`, type: 'application/vnd.oai.openapi+json' }],
        'service-meta': [{ href: `${publicUrl}/.well-known/oauth-authorization-server`, type: 'application/json' }],
      },
    ],
  });
  const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  fastify.get('/openapi.json', (_request, reply) =>
    reply
      .header('content-type', 'application/vnd.oai.openapi+json')
      .header('cache-control', cacheControl)
      .send(document),
  );
  fastify.get('/.well-known/api-catalog', (_request, reply) =>
    reply.header('content-type', 'application/linkset+json').header('cache-control', cacheControl).send(catalogue),
  );
}
