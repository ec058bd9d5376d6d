/** What every rung above may ask for without importing this module: sessions, rate limits, the security log, the answers to failures. */
import { Module, type DynamicModule } from '@nestjs/common';
import { FailureAnswers } from './failure-answers.js';
import { HTTP_SETTINGS, type HttpSettings } from './http-settings.js';
import { ProblemsController } from './problems.controller.js';
import { RateLimits } from './rate-limit.js';
import { SecurityLog } from './security-log.js';
import { SessionsService } from './sessions.service.js';
import { SweepsService } from './sweeps.service.js';

@Module({})
export class HttpModule {
  /** Global; needs `APP_POOL` from a global module. */
  static of(settings: HttpSettings): DynamicModule {
    const shared = [
      { provide: HTTP_SETTINGS, useValue: settings },
      { provide: RateLimits, useValue: settings.rateLimits },
      { provide: SecurityLog, useValue: settings.securityLog },
      { provide: FailureAnswers, useValue: settings.failures },
      SessionsService,
    ];
    return {
      module: HttpModule,
      global: true,
      controllers: [ProblemsController],
      providers: [...shared, SweepsService],
      exports: shared,
    };
  }
}
