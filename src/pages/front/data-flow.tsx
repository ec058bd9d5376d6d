/**
 * The picture of how data flows: source → kept in trust → gate → recipient, the log beside it. Drawn twice, wide and tall, so that
 * its words stay readable at 320 px; the stylesheet shows the one that fits. The label says the same in sentences.
 */
import type { Language } from '../language.js';
import { frontText } from './text.js';

interface Words {
  readonly title: string;
  readonly lines: readonly string[];
}

interface BoxProps {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly kind: 'plain' | 'gate' | 'log' | 'key';
}

function Box({ x, y, width, height, kind, words }: BoxProps & { readonly words: Words }) {
  const middle = x + width / 2;
  const top = y + height / 2 - (words.lines.length * 20) / 2;
  return (
    <g class={`flow-box flow-${kind}`}>
      <rect x={x} y={y} width={width} height={height} rx={kind === 'gate' ? 4 : 14} />
      <text class="flow-title" x={middle} y={top + 2} text-anchor="middle">
        {words.title}
      </text>
      {words.lines.map((line, row) => (
        <text key={line} class="flow-line" x={middle} y={top + 27 + row * 20} text-anchor="middle">
          {line}
        </text>
      ))}
    </g>
  );
}

/** A box that opens the gate: only a few bold words. */
function Key({ x, y, width, height, lines }: Omit<BoxProps, 'kind'> & { readonly lines: readonly string[] }) {
  const top = y + height / 2 + 5 - ((lines.length - 1) * 18) / 2;
  return (
    <g class="flow-box flow-key">
      <rect x={x} y={y} width={width} height={height} rx={height / 2 > 26 ? 14 : height / 2} />
      {lines.map((line, row) => (
        <text key={line} class="flow-key-words" x={x + width / 2} y={top + row * 18} text-anchor="middle">
          {line}
        </text>
      ))}
    </g>
  );
}

/** A line from one point to another with its head at the end; along one axis only. */
function Arrow({ from, to, strong = false }: { readonly from: Point; readonly to: Point; readonly strong?: boolean }) {
  const [x, y] = to;
  const [dx, dy] = [Math.sign(x - from[0]), Math.sign(y - from[1])];
  const head = `M${x - 8 * dx - 6 * dy} ${y - 8 * dy - 6 * dx}L${x} ${y}L${x - 8 * dx + 6 * dy} ${y - 8 * dy + 6 * dx}`;
  return (
    <path
      class={strong ? 'flow-arrow flow-arrow-strong' : 'flow-arrow'}
      d={`M${from[0]} ${from[1]}L${x} ${y}${head}`}
    />
  );
}

type Point = readonly [x: number, y: number];

export function DataFlow({ language }: { readonly language: Language }) {
  return (
    <>
      <WideFlow language={language} />
      <TallFlow language={language} />
    </>
  );
}

function WideFlow({ language }: { readonly language: Language }) {
  const { source, trust, gate, recipient, log, logWide, consent, approval, label } = frontText[language].flow;
  return (
    <svg class="flow flow-wide" viewBox="0 0 1080 372" role="img" aria-label={label}>
      <Arrow from={[222, 156]} to={[284, 156]} />
      <Arrow from={[514, 156]} to={[576, 156]} />
      <Arrow from={[786, 156]} to={[852, 156]} strong />
      <Arrow from={[628, 50]} to={[628, 92]} />
      <Arrow from={[734, 50]} to={[734, 92]} />
      <Arrow from={[682, 220]} to={[682, 284]} strong />
      <Box x={2} y={100} width={216} height={112} kind="plain" words={source} />
      <Box x={290} y={100} width={220} height={112} kind="plain" words={trust} />
      <Box x={582} y={98} width={200} height={118} kind="gate" words={gate} />
      <Box x={860} y={100} width={216} height={112} kind="plain" words={recipient} />
      <Key x={486} y={4} width={160} height={44} lines={[consent.wide]} />
      <Key x={716} y={4} width={248} height={44} lines={[approval.wide]} />
      <g class="flow-box flow-log">
        <rect x={290} y={290} width={786} height={72} rx={14} />
        <LogLines x={312} y={308} />
        <text class="flow-title" x={470} y={332}>
          {log.title}
        </text>
        <text class="flow-line" x={560} y={332}>
          {logWide}
        </text>
      </g>
    </svg>
  );
}

function TallFlow({ language }: { readonly language: Language }) {
  const { source, trust, gate, recipient, log, consent, approval, label } = frontText[language].flow;
  return (
    <svg class="flow flow-tall" viewBox="0 0 320 560" role="img" aria-label={label}>
      <Arrow from={[90, 94]} to={[90, 126]} />
      <Arrow from={[90, 226]} to={[90, 260]} />
      <Arrow from={[90, 414]} to={[90, 452]} strong />
      <Arrow from={[197, 290]} to={[186, 290]} />
      <Arrow from={[197, 370]} to={[186, 370]} />
      <path class="flow-arrow flow-arrow-strong" d="M146 414V434H258V448M252 440L258 448L264 440" />
      <Box x={2} y={2} width={176} height={92} kind="plain" words={source} />
      <Box x={2} y={134} width={176} height={92} kind="plain" words={trust} />
      <Box x={2} y={268} width={176} height={146} kind="gate" words={gate} />
      <Box x={2} y={460} width={176} height={98} kind="plain" words={recipient} />
      <Key x={198} y={260} width={120} height={60} lines={consent.lines} />
      <Key x={198} y={340} width={120} height={60} lines={approval.lines} />
      <Box x={198} y={460} width={120} height={98} kind="log" words={log} />
    </svg>
  );
}

/** Lines on a tape: entries, one under the other, each tied to the next. */
function LogLines({ x, y }: { readonly x: number; readonly y: number }) {
  return (
    <g class="flow-tape">
      {[0, 1, 2, 3, 4].map((place) => (
        <rect key={place} x={x + place * 27} y={y + 8} width={20} height={20} rx={4} />
      ))}
      <path d={`M${x + 20} ${y + 18}h7m20 0h7m20 0h7m20 0h7`} />
    </g>
  );
}
