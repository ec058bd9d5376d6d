/** Who the demonstration offers to sign in as. Filled when a demo city opens its doors; empty everywhere else. */
import { Injectable } from '@nestjs/common';
import type { SubjectKind } from '../../http/session.js';
import { ResidentsService } from '../../residents/residents.service.js';
import { StaffService } from '../../staff/staff.service.js';
import type { Bilingual } from '../language.js';

export interface DemoAccount {
  readonly kind: SubjectKind;
  /** The resident's id, or the code of the board member or member of staff. */
  readonly id: string;
  /** What the sign-in form sends. */
  readonly login: string;
  readonly name: Bilingual;
}

@Injectable()
export class DemoAccountsService {
  private accounts: readonly DemoAccount[] = [];

  constructor(
    private readonly residents: ResidentsService,
    private readonly staff: StaffService,
  ) {}

  /** Replaces whoever was offered before. */
  offer(accounts: readonly DemoAccount[]): void {
    this.accounts = accounts;
  }

  /** Without residents who have erased their data since, and without staff who have left. */
  async all(kind: SubjectKind): Promise<readonly DemoAccount[]> {
    const accounts = this.accounts.filter((account) => account.kind === kind);
    if (kind === 'board') return accounts;
    if (kind === 'staff') {
      const working = await Promise.all(accounts.map(({ id }) => this.staff.find(id)));
      return accounts.filter((_, place) => working[place] !== null);
    }
    const known = await this.residents.known(accounts.map(({ id }) => id));
    return accounts.filter(({ id }) => known.has(id));
  }

  async find(login: string): Promise<DemoAccount | null> {
    const account = this.accounts.find((one) => one.login === login);
    return account === undefined ? null : ((await this.all(account.kind)).find(({ id }) => id === account.id) ?? null);
  }
}
