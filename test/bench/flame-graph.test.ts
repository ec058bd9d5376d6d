/** A flame graph shows who called what, as wide as it took, and nothing that is too narrow to be seen. */
import { type Flame, flameGraphOf } from '../../bench/flame-graph.js';

const flame = (name: string, micros: number, children: Flame[] = [], part = 'src/gate'): Flame => ({
  ...{ name, part, micros, children },
});

const widthsOf = (svg: string) =>
  new Map(
    [...svg.matchAll(/<title>([^<]*), [\d.]+ %<\/title><rect x="([\d.]+)" y="(\d+)" width="([\d.]+)"/g)].map(
      ([, name, x, y, size]) => [name!, { x: Number(x), y: Number(y), size: Number(size) }],
    ),
  );

test('what was called lies below its caller, the longest first; idle time takes no room', () => {
  const root = flame('(root)', 1000, [
    flame('(idle)', 600),
    flame('answer', 300, [flame('short', 100), flame('long <b>', 200)]),
    flame('sign', 100, [], 'node:crypto'),
  ]);
  const boxes = widthsOf(flameGraphOf(root, 'reads & more'));
  expect([...boxes.keys()]).toEqual(['answer', 'long &lt;b&gt;', 'short', 'sign']);
  const [answer, long, short, sign] = [...boxes.values()];
  expect([answer!.size, sign!.size]).toEqual([900, 300]);
  expect([long, short]).toEqual([
    { x: 0, y: answer!.y + 17, size: 600 },
    { x: 600, y: answer!.y + 17, size: 300 },
  ]);
});

test('ten thousand calls too short to be seen are left out', () => {
  const children = Array.from({ length: 10_000 }, (_, number) => flame(`call ${number}`, 1));
  expect(widthsOf(flameGraphOf(flame('(root)', 10_000, children), 'many')).size).toBe(0);
});
