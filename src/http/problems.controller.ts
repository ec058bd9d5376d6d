/** Explains the codes of problem documents, to people and to programs: `/problems` lists them, `/problems/<code>` is one. */
import { Controller, Get, Headers, Inject, Param, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { codes, Mistake, type Code } from '../kernel/errors.js';
import { FailureAnswers, type ProblemExplanation } from './failure-answers.js';
import { HTTP_SETTINGS, type HttpSettings } from './http-settings.js';
import { explanations } from './problem-text.js';

@Controller('problems')
export class ProblemsController {
  constructor(
    @Inject(HTTP_SETTINGS) private readonly settings: HttpSettings,
    private readonly failures: FailureAnswers,
  ) {}

  @Get()
  list(
    @Headers('accept') accept: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const problems = (Object.keys(codes) as Code[]).map((code) => this.explain(code));
    return wantsPage(accept) ? this.page(problems, request, reply) : { problems };
  }

  @Get(':code')
  one(
    @Param('code') code: string,
    @Headers('accept') accept: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    if (!isCode(code)) throw new Mistake('not-found', 'there is no such code');
    const problem = this.explain(code);
    return wantsPage(accept) ? this.page([problem], request, reply) : problem;
  }

  private page(problems: readonly ProblemExplanation[], request: FastifyRequest, reply: FastifyReply): string {
    const page = this.failures.explanationPage(problems, request);
    void reply.headers(page?.headers ?? { 'content-type': 'text/html; charset=utf-8' });
    return page?.body ?? plainPage(problems);
  }

  private explain(code: Code): ProblemExplanation {
    const [status, title, titleJa] = codes[code];
    const { en: explanation, ja: explanationJa } = explanations[code];
    return {
      type: `${this.settings.address.origin}/problems/${code}`,
      code,
      status,
      title,
      titleJa,
      explanation,
      explanationJa,
    };
  }
}

function isCode(text: string): text is Code {
  return Object.hasOwn(codes, text);
}

function wantsPage(accept: string | undefined): boolean {
  return accept?.includes('text/html') ?? false;
}

/** Where no pages are served. Every text on it is ours: nothing of the request is shown. */
function plainPage(problems: readonly ProblemExplanation[]): string {
  const sections = problems.map(
    ({ code, status, title, titleJa, explanation, explanationJa }) => `<section>
<h2 id="${code}"><code>${code}</code> (${status})</h2>
<h3>${inHtml(titleJa)}</h3>
<p>${inHtml(explanationJa)}</p>
<h3 lang="en">${inHtml(title)}</h3>
<p lang="en">${inHtml(explanation)}</p>
</section>`,
  );
  const head = '<meta charset="utf-8"><title>Azukari: problems</title>';
  return `<!doctype html>\n<html lang="ja"><head>${head}</head>\n<body>${sections.join('\n')}</body></html>\n`;
}

function inHtml(text: string): string {
  return text.replace(/`([^`]+)`/g, '<code>$1</code>');
}
