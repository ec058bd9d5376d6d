/**
 * The log as C2SP tlog-tiles describes it: checkpoint and hash tiles for everybody, entry bundles for the board and for mirrors. Only what
 * the published checkpoint covers is served; a full tile never changes and may be kept for ever.
 */
import { Controller, Get, Header, Inject, Param, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { MistakeWithHeaders } from '../http/problem.js';
import { CurrentSession, MaybeSignedIn } from '../http/session.guard.js';
import type { Session } from '../http/session.js';
import { Mistake } from '../kernel/errors.js';
import type { KeyStanding } from './keys/key-standing.js';
import { LOG_OPTIONS, type LogOptions } from './log-options.js';
import { LogStoreService } from './log-store.service.js';
import { LogKeysService } from './keys/log-keys.service.js';
import { MirrorsService } from './mirrors.service.js';
import { parseTilePath, tileWidth, widthOf } from './tile-path.js';

const foreverSeconds = 31_536_000;

@Controller('log')
export class LogController {
  constructor(
    private readonly store: LogStoreService,
    private readonly mirrors: MirrorsService,
    private readonly keys: LogKeysService,
    @Inject(LOG_OPTIONS) private readonly options: LogOptions,
  ) {}

  /** What a verifier has to pin. Take it from somewhere else than here before you rely on it. */
  @Get()
  async about(): Promise<{ origin: string; vkey: string; keys: KeyStanding[] }> {
    return { origin: this.options.origin, vkey: await this.keys.newest(), keys: await this.keys.history() };
  }

  /** The last checkpoint that a key signed before it was retired: whoever pins that key learns the next one by it. */
  @Get('handover/:key')
  @Header('content-type', 'text/plain; charset=utf-8')
  async handover(@Param('key') keyId: string): Promise<string> {
    const note = await this.keys.handover(keyId);
    if (note === null) throw new Mistake('not-found', 'no key of this id has been retired');
    return note;
  }

  @Get('checkpoint')
  @Header('content-type', 'text/plain; charset=utf-8')
  async checkpoint(): Promise<string> {
    const note = await this.store.servedNote();
    if (note === null) throw new Mistake('log-unavailable', 'nothing has been signed yet');
    return note;
  }

  @Get('tile/*')
  @MaybeSignedIn()
  async tile(
    @Param('*') path: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @CurrentSession() session: Session | null,
  ): Promise<Buffer> {
    const tile = parseTilePath(`tile/${path}`);
    if (tile === null) throw new Mistake('not-found', 'this is not the path of a tile');
    const isBundle = tile.level === 'entries';
    if (isBundle && session?.kind !== 'board') await this.requireMirror(request);
    const size = (await this.store.checkpoint())?.size ?? 0;
    const level = tile.level === 'entries' ? 0 : tile.level;
    if (tile.width > widthOf(level, tile.n, size)) throw new Mistake('not-found', 'the log has no such tile yet');
    const isFull = tile.width === tileWidth;
    const visibility = isBundle ? 'private' : 'public';
    reply.header('content-type', 'application/octet-stream');
    reply.header(
      'cache-control',
      isFull ? `${visibility}, max-age=${foreverSeconds}, immutable` : `${visibility}, max-age=60`,
    );
    return isBundle ? this.store.readBundle(tile.n, tile.width) : this.store.readTile(level, tile.n, tile.width);
  }

  private async requireMirror({ headers: { authorization } }: FastifyRequest): Promise<void> {
    const token = /^Bearer ([A-Za-z0-9_-]{43})$/i.exec(authorization ?? '')?.[1];
    if (token === undefined || !(await this.mirrors.isMirror(token))) {
      throw new MistakeWithHeaders('invalid-token', 'entries are for the board and for mirrors', {
        'www-authenticate': 'Bearer',
      });
    }
  }
}
