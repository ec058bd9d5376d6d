/** Signing in to the demonstration by choosing a name, and signing out. Where the city is no demo, nobody can sign in here. */
import { Body, Controller, Get, Inject, Post, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { City } from '../../database/city.js';
import { HTTP_SETTINGS, type HttpSettings } from '../../http/http-settings.js';
import { peerKey } from '../../http/rate-limit.js';
import { clearedSessionCookie, findSessionSecret, sessionSetCookie } from '../../http/session-cookie.js';
import { MaybeSignedIn } from '../../http/session.guard.js';
import { SessionsService } from '../../http/sessions.service.js';
import type { SubjectKind } from '../../http/session.js';
import { Mistake } from '../../kernel/errors.js';
import { FramesService } from '../frames.service.js';
import { CITY } from '../page-options.js';
import { paths } from '../paths.js';
import { CurrentVisit, goTo, page, queryOf, sendPage, type Visit } from '../visit.js';
import { DemoAccountsService } from './demo-accounts.service.js';
import { returnPath } from './return-path.js';
import { SignInPage, type SignInPageProps } from './view.js';

const lifetimeSeconds = 12 * 60 * 60;

/** Where each begins, and what their own pages' addresses begin with. */
const homes = {
  resident: { home: paths.uses, pages: '/my/' },
  board: { home: paths.board, pages: paths.board },
  staff: { home: paths.staff, pages: paths.staff },
} as const satisfies Record<SubjectKind, { home: string; pages: string }>;
const signInSchema = z.strictObject({ login: z.string().min(1).max(200), return_to: z.string().max(2000).optional() });
const nothingSchema = z.strictObject({});

@Controller()
@ApiExcludeController()
@MaybeSignedIn()
export class SignInController {
  constructor(
    private readonly frames: FramesService,
    private readonly accounts: DemoAccountsService,
    private readonly sessions: SessionsService,
    @Inject(CITY) private readonly city: City,
    @Inject(HTTP_SETTINGS) private readonly settings: HttpSettings,
  ) {}

  @Get('sign-in')
  async choose(@CurrentVisit() visit: Visit): Promise<string> {
    return page(visit, SignInPage(await this.props(visit, returnPath(queryOf(visit.request, 'return_to')), false)));
  }

  @Post('sign-in')
  async signIn(
    @CurrentVisit() visit: Visit,
    @Body({ schema: signInSchema }) form: z.infer<typeof signInSchema>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    if (!this.city.demo) throw new Mistake('not-found', 'nobody signs in here');
    this.settings.rateLimits.take('sign-in', peerKey(visit.request.socket.remoteAddress ?? ''));
    const account = await this.accounts.find(form.login);
    const returnTo = returnPath(form.return_to);
    if (account === null) return sendPage(reply, SignInPage(await this.props(visit, returnTo, true)));
    // A new secret at every sign-in: a session someone else might know is not taken over.
    await this.end(visit);
    const secret = await this.sessions.create(account.kind, account.id, lifetimeSeconds);
    void reply.header('set-cookie', sessionSetCookie(secret, lifetimeSeconds, this.settings.address.isSecure));
    const { home, pages } = homes[account.kind];
    await goTo(reply, returnTo?.startsWith(pages) ? returnTo : home);
  }

  @Post('sign-out')
  async signOut(
    @CurrentVisit() visit: Visit,
    @Body({ schema: nothingSchema }) _nothing: z.infer<typeof nothingSchema>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.end(visit);
    void reply.header('set-cookie', clearedSessionCookie(this.settings.address.isSecure));
    await goTo(reply, paths.front);
  }

  private async end({ request }: Visit): Promise<void> {
    const secret = findSessionSecret(request.raw);
    if (secret !== null) await this.sessions.end(secret);
  }

  private async props(visit: Visit, returnTo: string | null, hasFailed: boolean): Promise<SignInPageProps> {
    const frame = await this.frames.of(visit, visit.request.method === 'GET' ? visit.request.url : paths.signIn);
    const [residents, board, staff] = await Promise.all([
      this.accounts.all('resident'),
      this.accounts.all('board'),
      this.accounts.all('staff'),
    ]);
    return { frame, residents, board, staff, returnTo, hasFailed };
  }
}
