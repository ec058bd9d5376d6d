/** The public register of sources: from whom data is received, and which categories. */
import { Controller, Get } from '@nestjs/common';
import { SourcesService } from './sources.service.js';

@Controller('v1/sources')
export class SourcesController {
  constructor(private readonly sources: SourcesService) {}

  @Get()
  async all(): Promise<{ sources: unknown[] }> {
    const sources = await this.sources.all();
    return {
      sources: sources.map(({ id, nameJa, nameEn, municipalityCode, status, categories }) => ({
        ...{ id, name: { ja: nameJa, en: nameEn }, municipalityCode, status, categories },
      })),
    };
  }
}
