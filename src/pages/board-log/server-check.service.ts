/** Lets this service verify its own log with the auditor's checker. One check at a time: who asks meanwhile gets the same answer. */
import { Injectable } from '@nestjs/common';
import { utf8 } from '../../kernel/bytes.js';
import { checkLog } from '../../transparency-log/check-log.js';
import { logOf } from '../../transparency-log/city-logs.js';
import { parseTrust } from '../../transparency-log/checkpoint.js';
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
  ) {}

  check(): Promise<ServerWord> {
    this.running ??= this.run().finally(() => (this.running = null));
    return this.running;
  }

  /** Of the log that is open, as far as it was published when the check began. */
  private async run(): Promise<ServerWord> {
    const at = new Date();
    const checkpoint = await this.store.checkpoint();
    if (checkpoint === null) throw new ReadFailure('nothing has been signed yet');
    const { base, note } = checkpoint;
    const { origin } = logOf(await this.store.logs(), base);
    const trust = parseTrust({ origin, vkeys: await this.keys.standing(base), witnessVkeys: [], quorum: 0 });
    const reader: LogReader = {
      checkpoint: async () => utf8(note),
      tile: this.store.tilesOf(base),
      entries: (n, width) => this.store.readBundle(base, n, width),
    };
    const { findingsTotal, size } = await checkLog(reader, trust, { now: at });
    return { isGood: findingsTotal === 0, size, at };
  }
}
