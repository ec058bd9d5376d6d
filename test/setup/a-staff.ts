/** What the operator's staff do, each in one call over HTTP. */
import type { Answer } from './http-client.js';
import { type DemoResident, must, type Town } from './a-town.js';

export interface StaffRequestShown {
  id: string;
  login: string;
  state: string;
  explanation: string;
  askedBy: string;
  decidedBy: string | null;
}

export const explanation = '歩数が0になる日があるとの問い合わせを受けて、確かめます。';

export class Staff {
  constructor(
    private readonly town: Town,
    readonly base = town.base,
  ) {}

  /** @param who counted from 0 to 2 */
  send(who: number, path: string, body: object = {}, method = 'POST'): Promise<Answer> {
    const { session } = this.town.demo.staff[who]!;
    const request = { method, path: `/v1/staff/requests${path}`, headers: { cookie: session } };
    return this.town.http.ask(this.base, method === 'GET' ? request : { ...request, body });
  }

  async ask(who: number, resident: DemoResident, categories = ['activity.steps']): Promise<string> {
    const body = { resident: resident.login, categories, reason: 'inquiry', explanation };
    return (must(await this.send(who, '', body), 201).json as { id: string }).id;
  }

  decide(who: number, id: string, decision: 'approve' | 'refuse'): Promise<Answer> {
    return this.send(who, `/${id}/decision`, { decision });
  }

  look(who: number, id: string): Promise<Answer> {
    return this.send(who, `/${id}/look`);
  }

  /** Asked by the first, approved by the second. */
  async approved(resident: DemoResident, categories = ['activity.steps']): Promise<string> {
    const id = await this.ask(0, resident, categories);
    must(await this.decide(1, id, 'approve'));
    return id;
  }

  async list(who = 0): Promise<StaffRequestShown[]> {
    return (must(await this.send(who, '', {}, 'GET')).json as { requests: StaffRequestShown[] }).requests;
  }
}
