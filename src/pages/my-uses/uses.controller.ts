/** `GET /my/uses`: four weeks of the resident's own record, and the receipts: of each provision, as the recipient holds it too, and of what the resident did. */
import { Controller, Get, Param } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { ConsentsService } from '../../consents/consents.service.js';
import { CurrentSession, SignedIn } from '../../http/session.guard.js';
import type { Session } from '../../http/session.js';
import { startOfDayInJapan } from '../../kernel/clock.js';
import { Mistake } from '../../kernel/errors.js';
import { UsesService } from '../../residents/uses.service.js';
import { utf8 } from '../../kernel/bytes.js';
import { parseEntry } from '../../transparency-log/entry.js';
import { addDays, dayInJapan } from '../dates.js';
import { FramesService } from '../frames.service.js';
import { LogStateService } from '../log-state.service.js';
import { NamesService } from '../names.service.js';
import { paths } from '../paths.js';
import { CurrentVisit, page, queryOf, type Visit } from '../visit.js';
import { OwnUsesService } from './own-uses.service.js';
import { UsesPage } from './view.js';

const weeks = 4;
const entriesMax = 1000;

@Controller('my/uses')
@ApiExcludeController()
@SignedIn('resident')
export class UsesController {
  constructor(
    private readonly frames: FramesService,
    private readonly ownUses: OwnUsesService,
    private readonly uses: UsesService,
    private readonly consents: ConsentsService,
    private readonly logState: LogStateService,
    private readonly names: NamesService,
  ) {}

  @Get()
  async page(@CurrentVisit() visit: Visit, @CurrentSession() { id }: Session): Promise<string> {
    const before = indexOf(queryOf(visit.request, 'before'));
    const [frame, { uses, isComplete }, log, completeness, recipients] = await Promise.all([
      this.frames.of(visit),
      this.ownUses.before(id, before, entriesMax),
      this.logState.now(),
      this.ownUses.completeness(id),
      before === null ? this.recipientsWithConsent(id) : [],
    ]);
    const newest = before === null ? new Date() : (uses[0]?.at ?? new Date());
    const until = addDays(startOfDayInJapan(dayInJapan(newest)), 1);
    const shown = uses.filter(({ at }) => at >= addDays(until, -7 * weeks));
    const next = shown.length > 0 ? shown.at(-1)!.index : (uses[0]?.index ?? 0) + 1;
    const hasOlder = uses.length > shown.length || !isComplete;
    return page(
      visit,
      UsesPage({
        ...{ frame, recipients, until, weeks, uses: shown },
        ...{ completeUpTo: completeness.upTo, unlisted: completeness.unlisted, foreign: completeness.foreign },
        closedLogs: completeness.closedLogs,
        isProved: completeness.isProved,
        checkpointAt: log.checkpoint?.at ?? null,
        olderHref: hasOlder ? `${paths.uses}?before=${next}` : null,
        newerHref: before === null ? null : paths.uses,
      }),
    );
  }

  @Get(':index/receipt')
  async receipt(
    @CurrentVisit() { reply }: Visit,
    @CurrentSession() { id }: Session,
    @Param('index') text: string,
  ): Promise<string> {
    const index = indexOf(text);
    if (index === null) throw new Mistake('not-found', 'there is no such entry about you');
    const receipt = await this.uses.receipt(id, index);
    const kind = parseEntry(utf8(receipt.entry)).t;
    void reply.header('content-type', 'application/json; charset=utf-8');
    void reply.header('content-disposition', `attachment; filename="azukari-${kind}-${index}.json"`);
    return JSON.stringify(receipt);
  }

  private async recipientsWithConsent(residentId: string) {
    const consents = await this.consents.allOf(residentId);
    const codes = new Set(consents.filter(({ state }) => state === 'active').map(({ recipientId }) => recipientId));
    return Promise.all([...codes].map((code) => this.names.recipient(code)));
  }
}

/** An index of the log, or null when the text is none. */
function indexOf(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
