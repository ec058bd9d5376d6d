/** Hands the policy book, loaded once at start, to whoever decides. */
import { Global, Module, type DynamicModule } from '@nestjs/common';
import type { PolicyBook } from './policy-book.js';

export const POLICY_BOOK = Symbol('policy book');

@Global()
@Module({})
export class PolicyModule {
  static register(book: PolicyBook): DynamicModule {
    return { module: PolicyModule, providers: [{ provide: POLICY_BOOK, useValue: book }], exports: [POLICY_BOOK] };
  }
}
