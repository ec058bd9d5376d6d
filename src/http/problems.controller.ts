/** Explains the codes of problem documents, to people and to programs: `/problems` lists them, `/problems/<code>` is one. */
import { Controller, Get, Headers, Inject, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { codes, Mistake, type Code } from '../kernel/errors.js';
import { HTTP_SETTINGS, type HttpSettings } from './http-settings.js';
import { explanations } from './problem-text.js';

export interface ProblemExplanation {
  readonly type: string;
  readonly code: Code;
  readonly status: number;
  readonly title: string;
  readonly titleJa: string;
  readonly explanation: string;
  readonly explanationJa: string;
}

@Controller('problems')
export class ProblemsController {
  constructor(@Inject(HTTP_SETTINGS) private readonly settings: HttpSettings) {}

  @Get()
  list(@Headers('accept') accept: string | undefined, @Res({ passthrough: true }) reply: FastifyReply) {
    const problems = (Object.keys(codes) as Code[]).map((code) => this.explain(code));
    return wantsPage(accept) ? asPage(reply, 'Problems / 問題の一覧', problems) : { problems };
  }

  @Get(':code')
  one(
    @Param('code') code: string,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    if (!isCode(code)) throw new Mistake('not-found', 'there is no such code');
    const problem = this.explain(code);
    return wantsPage(accept) ? asPage(reply, problem.code, [problem]) : problem;
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

/** Every text on it is ours: nothing of the request is shown. */
function asPage(reply: FastifyReply, heading: string, problems: readonly ProblemExplanation[]): string {
  void reply.header('content-type', 'text/html; charset=utf-8');
  const sections = problems.map(
    ({ code, status, title, titleJa, explanation, explanationJa }) => `<section>
<h2 id="${code}"><code>${code}</code> (${status})</h2>
<h3>${inHtml(titleJa)}</h3>
<p>${inHtml(explanationJa)}</p>
<h3 lang="en">${inHtml(title)}</h3>
<p lang="en">${inHtml(explanation)}</p>
</section>`,
  );
  return `<!doctype html>
<html lang="ja">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${heading} | Azukari</title>
</head>
<body>
<main>
<h1>${heading}</h1>
${sections.join('\n')}
</main>
</body>
</html>
`;
}

function inHtml(text: string): string {
  return text.replace(/`([^`]+)`/g, '<code>$1</code>');
}
