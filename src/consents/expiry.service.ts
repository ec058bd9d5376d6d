/** Marks consents whose time is over, and thereby logs their end. The gate never waits for it: it compares each end with the clock. */
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { systemClock } from '../kernel/clock.js';
import { ConsentsService } from './consents.service.js';

const everyMs = 60_000;
const atOnceMax = 500;

@Injectable()
export class ConsentExpiry implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('consent expiry');
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<unknown> = Promise.resolve();

  constructor(private readonly consents: ConsentsService) {}

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
  sweep(): Promise<number> {
    return this.consents.expireDue(atOnceMax, systemClock());
  }
}
