/** Gathers what the board's view of the log shows beside the frame: entries, names, counts, and where the verifying script finds things. */
import { Inject, Injectable } from '@nestjs/common';
import { BoardService } from '../../board/board.service.js';
import { HTTP_SETTINGS, type HttpSettings } from '../../http/http-settings.js';
import { nameOfLog } from '../../transparency-log/city-logs.js';
import type { Assets } from '../assets.js';
import { LogStateService } from '../log-state.service.js';
import { NamesService } from '../names.service.js';
import { ASSETS } from '../page-options.js';
import { paths } from '../paths.js';
import { DailyCountsService } from './daily-counts.service.js';
import type { BoardLogPageProps } from './view.js';

const entriesShown = 50;
const days = 28;

@Injectable()
export class LogViewService {
  constructor(
    private readonly board: BoardService,
    private readonly logState: LogStateService,
    private readonly names: NamesService,
    private readonly counts: DailyCountsService,
    @Inject(ASSETS) private readonly assets: Assets,
    @Inject(HTTP_SETTINGS) private readonly settings: HttpSettings,
  ) {}

  /** @param before an index; only older entries. Null for the newest. */
  async before(before: number | null): Promise<Omit<BoardLogPageProps, 'frame' | 'serverWord'>> {
    const [{ entries }, log, names, chart] = await Promise.all([
      this.board.recentEntries(entriesShown, before ?? undefined),
      this.logState.now(),
      this.names.everything(),
      this.counts.upTo(new Date(), days),
    ]);
    const oldest = entries.at(-1)?.index ?? 0;
    // Under the path that stays this log's own: a check may be under way when the next one begins.
    const path = `/log/${nameOfLog(log.origin)}`;
    return {
      ...{ log, names, chart, entries },
      addresses: {
        module: this.assets.verifier,
        checkpoint: `${path}/checkpoint`,
        tiles: `${path}/tile/`,
        entries: `${path}/tile/entries/`,
      },
      verifyCommand: `npm run azukari -- verify log ${this.settings.address.origin}/log --vkey "${log.verifierKey}" --token-file mirror-token`,
      olderHref: oldest > 0 ? `${paths.boardLog}?before=${oldest}` : null,
      newerHref: before === null ? null : paths.boardLog,
    };
  }
}
