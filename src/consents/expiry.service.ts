/**
 * Marks consents whose time is over, and those that a stop has left in force though their program ended, and thereby logs their end. The gate
 * never waits for it: it compares each end with the clock and looks at the program itself.
 */
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { systemClock } from '../kernel/clock.js';
import { ConsentEndings } from '../programs/consent-endings.service.js';
import { ConsentsService } from './consents.service.js';

const everyMs = 60_000;
const atOnceMax = 500;

@Injectable()
export class ConsentExpiry implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('consent expiry');
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly consents: ConsentsService,
    private readonly endings: ConsentEndings,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.running = this.sweep().catch((error: Error) => this.logger.error(error.message));
    }, everyMs);
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    await this.running;
  }

  /** Returns how many consents were over. */
  async sweep(): Promise<number> {
    return (await this.consents.expireDue(atOnceMax, systemClock())) + (await this.endings.sweep());
  }
}
