/** Makes the frame of a page from a visit: language, city, who is looking. A language asked for in the address is remembered in a cookie. */
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { BoardService } from '../board/board.service.js';
import type { City } from '../database/city.js';
import { HTTP_SETTINGS, type HttpSettings } from '../http/http-settings.js';
import type { Session } from '../http/session.js';
import { cookieValues } from '../http/session-cookie.js';
import { ResidentsService } from '../residents/residents.service.js';
import { StaffService } from '../staff/staff.service.js';
import type { Assets } from './assets.js';
import { chooseLanguage, findLanguage, languageCookie, type Language } from './language.js';
import type { Frame, Viewer } from './layout.js';
import { ASSETS, CITY } from './page-options.js';
import { paths } from './paths.js';
import { queryOf, type Visit } from './visit.js';

const yearSeconds = 31_536_000;

@Injectable()
export class FramesService {
  constructor(
    @Inject(CITY) private readonly city: City,
    @Inject(ASSETS) private readonly assets: Assets,
    @Inject(HTTP_SETTINGS) private readonly settings: HttpSettings,
    private readonly residents: ResidentsService,
    private readonly board: BoardService,
    private readonly staff: StaffService,
  ) {}

  /** @param path of the page itself, where the request's own address is only that of its form. */
  async of(visit: Visit, path = visit.request.url): Promise<Frame> {
    const language = languageOf(visit.request);
    this.remember(visit);
    const viewer = visit.session === null ? null : await this.viewerOf(visit.session, language);
    return this.frame(path, language, viewer);
  }

  /** Without asking who is looking: for when that may be the very thing that fails. */
  ofStranger(request: FastifyRequest): Frame {
    return this.frame(request.method === 'GET' ? request.url : paths.front, languageOf(request), null);
  }

  private frame(path: string, language: Language, viewer: Viewer | null): Frame {
    return {
      ...{ path, language, viewer, isDemo: this.city.demo },
      city: { ja: this.city.nameJa, en: this.city.nameEn },
      stylesheets: this.assets.stylesheets,
      icon: this.assets.icon,
    };
  }

  private remember({ request, reply }: Visit): void {
    const asked = findLanguage(queryOf(request, 'lang'));
    if (asked === null) return;
    const secure = this.settings.address.isSecure ? '; Secure' : '';
    const cookie = `${languageCookie}=${asked}; Path=/; Max-Age=${yearSeconds}; HttpOnly; SameSite=Lax${secure}`;
    void reply.header('set-cookie', cookie);
  }

  private async viewerOf({ kind, id, csrfToken: csrf }: Session, language: Language): Promise<Viewer | null> {
    if (kind === 'resident') {
      const resident = await this.residents.find(id);
      return resident && { kind, csrf, name: await this.residents.nameOf(resident) };
    }
    const member = kind === 'board' ? await this.board.findMember(id) : await this.staff.find(id);
    return member && { kind, csrf, name: language === 'ja' ? member.nameJa : member.nameEn };
  }
}

function languageOf(request: FastifyRequest): Language {
  const [remembered] = cookieValues(request.raw, languageCookie);
  return chooseLanguage(queryOf(request, 'lang'), remembered, request.headers['accept-language']);
}
