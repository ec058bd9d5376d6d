/** Erasing everything that is kept about the resident who is signed in. It cannot be taken back, so it has to be said in so many words. */
import { Body, Controller, HttpCode, Inject, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { HTTP_SETTINGS, type HttpSettings } from '../http/http-settings.js';
import { clearedSessionCookie } from '../http/session-cookie.js';
import { CurrentSession, SignedIn } from '../http/session.guard.js';
import type { Session } from '../http/session.js';
import { type Erased, ErasureService } from './erasure.service.js';

const erasureSchema = z.strictObject({ confirm: z.literal('erase-everything') });

@Controller('v1/me/erasure')
@SignedIn('resident')
export class ErasureController {
  constructor(
    private readonly erasure: ErasureService,
    @Inject(HTTP_SETTINGS) private readonly settings: HttpSettings,
  ) {}

  @Post()
  @HttpCode(200)
  async erase(
    @CurrentSession() { id }: Session,
    @Body({ schema: erasureSchema }) _confirmed: z.infer<typeof erasureSchema>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Erased> {
    const erased = await this.erasure.erase(id, new Date());
    void reply.header('set-cookie', clearedSessionCookie(this.settings.address.isSecure));
    return erased;
  }
}
