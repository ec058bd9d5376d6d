/** The first city of a run as a picture: what the service does beside what its floor does, at each concurrency. */
import type { Turn } from './read-turns.js';
import { type Figures, middle, ratioOf } from './report.js';

const width = 720;
const height = 320;
const [left, top, bottom] = [56, 64, 56];
const barWidth = 44;

/** An SVG that stands alone, legible on light and dark. */
export function chartOf(figures: Figures): string {
  const city = figures.cities[0]!;
  const concurrencies = [...new Set(city.turns.map(({ inFlight }) => inFlight))];
  const of = (inFlight: number, pick: (turn: Turn) => number) => middle(city, inFlight, pick) ?? 0;
  const columns = concurrencies.map((inFlight) => ({
    inFlight,
    service: of(inFlight, (turn) => turn.service.perSecond),
    floor: of(inFlight, (turn) => turn.floor.perSecond),
    p50: of(inFlight, (turn) => turn.service.p50Ms),
    p99: of(inFlight, (turn) => turn.service.p99Ms),
    ratio: ratioOf(city, inFlight),
  }));
  const most = niceCeiling(Math.max(...columns.map(({ floor, service }) => Math.max(floor, service))));
  const scale = (value: number) => (value / most) * (height - top - bottom);
  const base = height - bottom;
  const step = (width - left) / columns.length;
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const y = base - scale(share * most);
    return `<line x1="${left}" x2="${width - 8}" y1="${y}" y2="${y}" class="grid"/>${text(left - 8, y + 4, String(share * most), 'end')}`;
  });
  const bars = columns.flatMap(({ inFlight, service, floor, p50, p99, ratio }, position) => {
    const middleX = left + step * (position + 0.5);
    return [
      bar(middleX - barWidth - 3, base, scale(service), 'service', service),
      bar(middleX + 3, base, scale(floor), 'floor', floor),
      text(middleX, base + 18, `${inFlight} in flight, ratio ${ratio.toFixed(2)}`, 'middle'),
      text(middleX, base + 36, `p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms`, 'middle'),
    ];
  });
  const { machine, run } = figures;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" role="img">`,
    '<title>Full reads per second beside the floor</title>',
    '<style>.paper{fill:#fff}.grid{stroke:#d8d8db}.service{fill:#0017c1}.floor{fill:#b3b3b3}text{fill:#1a1a1c}</style>',
    `<rect width="${width}" height="${height}" class="paper"/>`,
    text(left, 22, 'Full reads per second (blue) beside the same SQL from a bare client (grey)', 'start'),
    text(
      left,
      40,
      `${machine.cores} cores, ${machine.processor}; ${city.residents} residents, ${run.recordsPerRead} records a read`,
      'start',
    ),
    ...grid,
    ...bars,
    '</svg>',
    '',
  ].join('\n');
}

function bar(x: number, base: number, size: number, kind: 'service' | 'floor', value: number): string {
  const rect = `<rect x="${x}" y="${base - size}" width="${barWidth}" height="${size}" class="${kind}"/>`;
  return rect + text(x + barWidth / 2, base - size - 5, value.toFixed(0), 'middle');
}

function text(x: number, y: number, content: string, anchor: 'start' | 'middle' | 'end'): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x}" y="${y}" text-anchor="${anchor}">${escaped}</text>`;
}

/** The next of 1, 2, 4, 6, 8 or 10 times a power of ten. */
function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return [1, 2, 4, 6, 8, 10].map((factor) => factor * power).find((candidate) => candidate >= value)!;
}
