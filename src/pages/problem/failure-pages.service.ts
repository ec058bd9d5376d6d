/** Registers how a failed request, and what its code means, is told to a person. Who needs to sign in is led there; everybody else reads what happened. */
import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { FailureAnswers, type FailurePage } from '../../http/failure-answers.js';
import type { Problem } from '../../http/problem.js';
import { pageHeaders, withoutScripts } from '../content-security-policy.js';
import { FramesService } from '../frames.service.js';
import { paths } from '../paths.js';
import { renderPage } from '../render.js';
import { returnPath } from '../sign-in/return-path.js';
import { ExplanationsPage } from './explanations-view.js';
import { ProblemPage } from './view.js';

@Injectable()
export class FailurePagesService implements OnModuleInit {
  constructor(
    private readonly failures: FailureAnswers,
    private readonly frames: FramesService,
  ) {}

  onModuleInit(): void {
    this.failures.renderPagesWith((problem, request) => this.render(problem, request));
    this.failures.renderExplanationsWith((problems, request) => ({
      headers: pageHeaders(withoutScripts),
      body: renderPage(ExplanationsPage({ frame: this.frames.ofStranger(request), problems })),
    }));
  }

  private render({ code, status }: Problem, request: FastifyRequest): FailurePage {
    const headers = pageHeaders(withoutScripts);
    if (code === 'sign-in-required' && request.method === 'GET') {
      const back = returnPath(request.url);
      const query = back === null ? '' : `?${new URLSearchParams({ return_to: back }).toString()}`;
      return { status: 303, headers: { ...headers, location: `${paths.signIn}${query}` }, body: '' };
    }
    return { status, headers, body: renderPage(ProblemPage({ frame: this.frames.ofStranger(request), code })) };
  }
}
