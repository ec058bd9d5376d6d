/** Gives a Nest application the schema checks and the answers to failures; call it before `init` or `listen`. */
import type { INestApplication } from '@nestjs/common';
import type { HttpSettings } from './http-settings.js';
import { ProblemFilter } from './problem.filter.js';
import { SchemaPipe } from './schema.pipe.js';

export function useHttp(app: INestApplication, { failures }: HttpSettings): void {
  app.useGlobalPipes(new SchemaPipe());
  app.useGlobalFilters(new ProblemFilter(failures));
}
