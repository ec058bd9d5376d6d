/** Goes on with erasures that were cut short, whichever node began them, and keeps keys that were destroyed out of this process's memory. */
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { ErasureService } from './erasure.service.js';

const everyMs = 5_000;

@Injectable()
export class ErasureSweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('erasure sweeper');
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<unknown> = Promise.resolve();

  constructor(private readonly erasure: ErasureService) {}

  onApplicationBootstrap(): void {
    this.goOn();
    this.timer = setInterval(() => this.goOn(), everyMs);
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    await this.running;
  }

  private goOn(): void {
    this.running = this.erasure.goOn().catch((error: Error) => this.logger.error(error.message));
  }
}
