/** Serves the pages' own files. Their addresses name their content, so whoever has one may keep it for ever. */
import { Controller, Get, Header, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Mistake } from '../kernel/errors.js';
import { ApiExcludeController } from '@nestjs/swagger';
import { assetCacheControl, type Assets } from './assets.js';
import { ASSETS } from './page-options.js';

@Controller('assets')
@ApiExcludeController()
export class AssetsController {
  constructor(@Inject(ASSETS) private readonly assets: Assets) {}

  @Get('*')
  @Header('vary', 'accept-encoding')
  async asset(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<Buffer> {
    const asset = await this.assets.find(request.url.split('?', 1)[0] ?? '');
    if (asset === null) throw new Mistake('not-found', 'there is no such file');
    void reply.header('content-type', asset.contentType).header('cache-control', assetCacheControl);
    const takesBrotli = /(^|[\s,])br\s*(?:,|;\s*q=(?!0(?:\.0*)?\s*(?:,|$))|$)/.test(
      request.headers['accept-encoding'] ?? '',
    );
    if (asset.compress === null || !takesBrotli) return asset.body;
    void reply.header('content-encoding', 'br');
    return asset.compress();
  }
}
