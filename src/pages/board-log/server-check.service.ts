/** Lets this service verify its own log with the auditor's checker. One check at a time: who asks meanwhile gets the same answer. */
import { Inject, Injectable } from '@nestjs/common';
import { utf8 } from '../../kernel/bytes.js';
import { checkLog } from '../../transparency-log/check-log.js';
import { parseTrust } from '../../transparency-log/checkpoint.js';
import { LOG_OPTIONS, type LogOptions } from '../../transparency-log/log-options.js';
import { LogStoreService } from '../../transparency-log/log-store.service.js';
import { LogKeysService } from '../../transparency-log/keys/log-keys.service.js';
import { type LogReader, ReadFailure } from '../../transparency-log/reader.js';
import type { ServerWord } from './verifier.js';

@Injectable()
export class ServerCheckService {
  private running: Promise<ServerWord> | null = null;

  constructor(
    private readonly store: LogStoreService,
    private readonly keys: LogKeysService,
    @Inject(LOG_OPTIONS) private readonly options: LogOptions,
  ) {}

  check(): Promise<ServerWord> {
    this.running ??= this.run().finally(() => (this.running = null));
    return this.running;
  }

  private async run(): Promise<ServerWord> {
    const at = new Date();
    const { origin } = this.options;
    const trust = parseTrust({ origin, vkeys: await this.keys.standing(), witnessVkeys: [], quorum: 0 });
    const { findingsTotal, size } = await checkLog(this.reader(), trust, { now: at });
    return { isGood: findingsTotal === 0, size, at };
  }

  private reader(): LogReader {
    return {
      checkpoint: async () => {
        const checkpoint = await this.store.checkpoint();
        if (checkpoint === null) throw new ReadFailure('nothing has been signed yet');
        return utf8(checkpoint.note);
      },
      tile: (level, n, width) => this.store.readTile(level, n, width),
      entries: (n, width) => this.store.readBundle(n, width),
    };
  }
}
