/** Brings whatever a controller, guard or pipe threw to the one place where failures are answered. */
import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FailureAnswers } from './failure-answers.js';

@Catch()
export class ProblemFilter implements ExceptionFilter<unknown> {
  constructor(private readonly failures: FailureAnswers) {}

  catch(error: unknown, host: ArgumentsHost): Promise<void> {
    const http = host.switchToHttp();
    return this.failures.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }
}
