/**
 * Checks what a controller receives against the schema in its decorator (`@Body({ schema })`), any Standard Schema. Unlike
 * Nest's own pipe it sees the refused value, so that a missing field differs from one of the wrong type, and removes nothing.
 */
import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { mistakeOf } from './schema-mistake.js';

@Injectable()
export class SchemaPipe implements PipeTransform<unknown, Promise<unknown>> {
  /** @throws Mistake `unknown-field`, `missing-field`, `wrong-type`, `invalid-request`, or `not-found` for a path */
  async transform(value: unknown, { schema, type }: ArgumentMetadata): Promise<unknown> {
    if (schema === undefined) return value;
    const result = await schema['~standard'].validate(value);
    if (result.issues !== undefined) throw mistakeOf(result.issues, value, type);
    return result.value;
  }
}
