/** Who the demonstration offers to sign in as. Filled when a demo city opens its doors; empty everywhere else. */
import { Injectable } from '@nestjs/common';
import type { SubjectKind } from '../../http/session.js';
import type { Bilingual } from '../language.js';

export interface DemoAccount {
  readonly kind: SubjectKind;
  /** The resident's id, or the board member's code. */
  readonly id: string;
  /** What the sign-in form sends. */
  readonly login: string;
  readonly name: Bilingual;
}

@Injectable()
export class DemoAccountsService {
  private accounts: readonly DemoAccount[] = [];

  /** Replaces whoever was offered before. */
  offer(accounts: readonly DemoAccount[]): void {
    this.accounts = accounts;
  }

  all(kind: SubjectKind): readonly DemoAccount[] {
    return this.accounts.filter((account) => account.kind === kind);
  }

  find(login: string): DemoAccount | null {
    return this.accounts.find((account) => account.login === login) ?? null;
  }
}
