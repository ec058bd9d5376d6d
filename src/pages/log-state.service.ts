/** The state of the log as pages show it, read from what the signer published. */
import { Injectable } from '@nestjs/common';
import { logOf, nameOfLog } from '../transparency-log/city-logs.js';
import { LogStoreService } from '../transparency-log/log-store.service.js';
import { standingKeys } from '../transparency-log/keys/key-standing.js';
import { LogKeysService } from '../transparency-log/keys/log-keys.service.js';
import type { LogState } from './front/view.js';

@Injectable()
export class LogStateService {
  constructor(
    private readonly store: LogStoreService,
    private readonly keys: LogKeysService,
  ) {}

  async now(): Promise<LogState> {
    const [checkpoint, signer] = await Promise.all([this.store.checkpoint(), this.store.signer()]);
    const logs = await this.store.logs();
    // While a new log has begun and is not signed yet, the one before it is what there is to see.
    const { origin, base } = checkpoint ? logOf(logs, checkpoint.base) : logs.at(-1)!;
    const history = await this.keys.history(base);
    const standing = standingKeys(history).map(({ vkey }) => vkey);
    const verifierKey = standing.at(-1)!;
    return {
      ...{ origin, signer },
      verifierKey,
      outgoingKey: standing.length > 1 ? standing[0]! : null,
      otherKeys: (await this.keys.all()).filter((vkey) => vkey !== verifierKey).reverse(),
      closed: logs
        .flatMap(({ origin: name, size, finalNote }) =>
          size === null || finalNote === null ? [] : [{ name: nameOfLog(name), size }],
        )
        .reverse(),
      checkpoint: checkpoint && {
        size: checkpoint.size,
        at: checkpoint.publishedAt,
        root: checkpoint.root.toString('base64'),
      },
    };
  }
}
