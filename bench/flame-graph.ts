/** A CPU profile as a flame graph: who called is above, what was called below, as wide as the time it took. Idle time is left out. */

/** Microseconds in a function as it was called from there, and in what it called. */
export interface Flame {
  name: string;
  part: string;
  micros: number;
  children: Flame[];
}

const width = 1200;
const rowHeight = 17;
const top = 48;
/** Narrower ones are not drawn. */
const pixelsMin = 0.6;
const letterWidth = 6.3;

const colours: readonly (readonly [start: string, fill: string, what: string])[] = [
  ['src/', '#9db7f9', 'Azukari'],
  ['node_modules/', '#fbe0a1', 'libraries'],
  ['node:', '#bfe5c0', 'Node'],
  ['', '#dcdcdf', 'native, garbage collector'],
];

/** An SVG that stands alone; each box says its name and share when it is pointed at. @param title what was measured */
export function flameGraphOf(root: Flame, title: string): string {
  const children = root.children.filter(({ name }) => name !== '(idle)');
  const micros = children.reduce((sum, child) => sum + child.micros, 0);
  const boxes: string[] = [];
  let depth = 0;
  const draw = (flames: readonly Flame[], from: number, level: number) => {
    let x = from;
    for (const flame of flames.toSorted((a, b) => b.micros - a.micros)) {
      const size = (flame.micros / micros) * width;
      if (size < pixelsMin) break;
      depth = Math.max(depth, level + 1);
      boxes.push(box(flame, x, top + level * rowHeight, size, flame.micros / micros));
      draw(flame.children, x, level + 1);
      x += size;
    }
  };
  draw(children, 0, 0);
  const legend = colours.map(([, fill, what], place) => {
    const x = 8 + place * 170;
    return `<rect x="${x}" y="26" width="12" height="12" fill="${fill}"/><text x="${x + 17}" y="36">${what}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top + depth * rowHeight + 8}" font-family="sans-serif" font-size="11" role="img">`,
    `<title>${escaped(title)}</title>`,
    '<rect width="100%" height="100%" fill="#fff"/>',
    `<text x="8" y="16" font-size="13">${escaped(title)}</text>`,
    ...legend,
    ...boxes,
    '</svg>',
    '',
  ].join('\n');
}

function box({ name, part }: Flame, x: number, y: number, size: number, share: number): string {
  const fill = colours.find(([start]) => part.startsWith(start))![1];
  const letters = Math.floor((size - 4) / letterWidth);
  const label = letters < 3 ? '' : name.length > letters ? `${name.slice(0, letters - 1)}…` : name;
  const place = `x="${x.toFixed(1)}" y="${y}"`;
  const text = label === '' ? '' : `<text x="${(x + 2).toFixed(1)}" y="${y + 12}">${escaped(label)}</text>`;
  return `<g><title>${escaped(name)}, ${(share * 100).toFixed(1)} %</title><rect ${place} width="${size.toFixed(1)}" height="${rowHeight - 1}" fill="${fill}"/>${text}</g>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
