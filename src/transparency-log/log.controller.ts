/**
 * The logs as C2SP tlog-tiles describes one: checkpoint and hash tiles for everybody, entry bundles for the board and for mirrors. Only what
 * the published checkpoint covers is served. `/log/…` is the log that is open, `/log/<name>/…` each of them for good: there a full tile never changes and may
 * be kept for ever, while under `/log/…` it is another log's once a year.
 */
import { Controller, Get, Header, Param, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { MistakeWithHeaders } from '../http/problem.js';
import { CurrentSession, MaybeSignedIn } from '../http/session.guard.js';
import type { Session } from '../http/session.js';
import { Mistake } from '../kernel/errors.js';
import { type CityLog, logOf, nameOfLog } from './city-logs.js';
import type { KeyStanding } from './keys/key-standing.js';
import { LogStoreService } from './log-store.service.js';
import { LogKeysService } from './keys/log-keys.service.js';
import { MirrorsService } from './mirrors.service.js';
import { parseTilePath, tileWidth, widthOf } from './tile-path.js';
import type { Served } from './witness/witnessed-log.js';

interface Call {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly session: Session | null;
}

const foreverSeconds = 31_536_000;

/** What a verifier has to pin, and which logs there are. */
interface About {
  origin: string;
  vkey: string;
  keys: KeyStanding[];
  /** All logs of the city, the oldest first: where each is served under a path that stays, and its size once it is closed. */
  logs: { origin: string; path: string; size: number | null }[];
}

@Controller('log')
export class LogController {
  constructor(
    private readonly store: LogStoreService,
    private readonly mirrors: MirrorsService,
    private readonly keys: LogKeysService,
  ) {}

  /** Of the log that is open. Take the key from somewhere else than here before you rely on it. */
  @Get()
  async about(): Promise<About> {
    return this.describe((await this.requireServed()).base);
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
    return (await this.requireServed()).note;
  }

  @Get('tile/*')
  @MaybeSignedIn()
  async tile(
    @Param('*') path: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @CurrentSession() session: Session | null,
  ): Promise<Buffer> {
    const { base } = await this.requireServed();
    return this.serveTile(base, path, { request, reply, session }, false);
  }

  /** The same of one log, open or closed, under a path that stays its own. */
  @Get(':name')
  async aboutOne(@Param('name') name: string): Promise<About> {
    return this.describe((await this.requireLog(name)).base);
  }

  @Get(':name/checkpoint')
  @Header('content-type', 'text/plain; charset=utf-8')
  async checkpointOf(@Param('name') name: string): Promise<string> {
    const { base, finalNote } = await this.requireLog(name);
    if (finalNote !== null) return finalNote;
    const served = await this.requireServed();
    if (served.base !== base) throw new Mistake('log-unavailable', 'this log has not been signed yet');
    return served.note;
  }

  @Get(':name/tile/*')
  @MaybeSignedIn()
  async tileOf(
    @Param('name') name: string,
    @Param('*') path: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @CurrentSession() session: Session | null,
  ): Promise<Buffer> {
    return this.serveTile((await this.requireLog(name)).base, path, { request, reply, session }, true);
  }

  private async serveTile(
    base: number,
    path: string,
    { request, reply, session }: Call,
    isOwnPath: boolean,
  ): Promise<Buffer> {
    const tile = parseTilePath(`tile/${path}`);
    if (tile === null) throw new Mistake('not-found', 'this is not the path of a tile');
    const isBundle = tile.level === 'entries';
    if (isBundle && session?.kind !== 'board') await this.requireMirror(request);
    const level = tile.level === 'entries' ? 0 : tile.level;
    if (tile.width > widthOf(level, tile.n, await this.coveredOf(base))) {
      throw new Mistake('not-found', 'the log has no such tile yet');
    }
    const content = isBundle
      ? await this.store.readBundle(base, tile.n, tile.width)
      : await this.store.tilesOf(base)(level, tile.n, tile.width);
    // Somebody took them out of the database: that is an answer, and a verifier holds it against the checkpoint.
    if (content.length === 0) throw new Mistake('not-found', 'the log does not have this tile any more');
    const isForGood = isOwnPath && tile.width === tileWidth;
    const visibility = isBundle ? 'private' : 'public';
    reply.header('content-type', 'application/octet-stream');
    reply.header(
      'cache-control',
      isForGood ? `${visibility}, max-age=${foreverSeconds}, immutable` : `${visibility}, max-age=60`,
    );
    return content;
  }

  /** Entries of a log that a published checkpoint covers. */
  private async coveredOf(base: number): Promise<number> {
    const newest = await this.store.checkpoint();
    if (newest === null || newest.base < base) return 0;
    return newest.base === base ? newest.size : logOf(await this.store.logs(), base).size!;
  }

  private async describe(base: number): Promise<About> {
    const logs = await this.store.logs();
    return {
      ...{ origin: logOf(logs, base).origin, vkey: await this.keys.newest(base), keys: await this.keys.history(base) },
      logs: logs.map(({ origin, size }) => ({ origin, path: `/log/${nameOfLog(origin)}`, size })),
    };
  }

  private async requireServed(): Promise<Served> {
    const served = await this.store.served();
    if (served === null) throw new Mistake('log-unavailable', 'nothing has been signed yet');
    return served;
  }

  private async requireLog(name: string): Promise<CityLog> {
    const log = (await this.store.logs()).find(({ origin }) => nameOfLog(origin) === name);
    if (!log) throw new Mistake('not-found', 'there is no such log');
    return log;
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
