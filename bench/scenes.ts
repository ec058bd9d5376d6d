/** What can be measured, by name, in the order in which it is: from the deliveries on, a read has more to read. */
export const sceneNames = [
  'reads',
  'nodes',
  'memory',
  'storage',
  'tokens',
  'bulk',
  'pages',
  'answers',
  'withdrawals',
  'deliveries',
  'appends',
  'verify',
] as const;

export type SceneName = (typeof sceneNames)[number];

/** @throws RangeError */
export function readScenes(text: string): Set<SceneName> {
  const names = text.split(',');
  const unknown = names.find((name) => !(sceneNames as readonly string[]).includes(name));
  if (unknown !== undefined) throw new RangeError(`--only is some of ${sceneNames.join(', ')}; not ${unknown}`);
  return new Set(names as SceneName[]);
}
