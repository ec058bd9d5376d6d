import { Random } from '../../src/demo/random.js';

const draw = (seed: string) => {
  const random = new Random(seed);
  return Array.from({ length: 50 }, () => [random.integer(1, 6), random.uuid(), random.digits(3), random.normal(0, 1)]);
};

describe('repeatable chance', () => {
  it('gives the same for the same seed and something else for another', () => {
    expect(draw('a')).toEqual(draw('a'));
    expect(draw('a')).not.toEqual(draw('b'));
  });

  it('begins the same on every machine', () => {
    const random = new Random('azukari');
    expect([random.integer(0, 999_999), random.uuid()]).toEqual([418_571, '0c32478d-fc0e-4d08-94e2-c107556c67b3']);
  });

  it('reaches both ends of a range and no further', () => {
    const random = new Random('range');
    const drawn = new Set(Array.from({ length: 500 }, () => random.integer(3, 6)));
    expect([...drawn].sort()).toEqual([3, 4, 5, 6]);
  });

  it('keeps about to weights, means and deviations', () => {
    const random = new Random('weights');
    const picked = Array.from({ length: 4000 }, () =>
      random.pickWeighted([
        ['a', 3],
        ['b', 1],
      ] as const),
    );
    expect(picked.filter((item) => item === 'a').length / 4000).toBeCloseTo(0.75, 1);
    const values = Array.from({ length: 4000 }, () => random.normal(100, 10));
    const mean = values.reduce((sum, value) => sum + value) / 4000;
    expect(mean).toBeCloseTo(100, -0.5);
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 4000);
    expect(deviation).toBeGreaterThan(9);
    expect(deviation).toBeLessThan(11);
  });

  it('makes well-formed UUIDs that do not repeat', () => {
    const random = new Random('uuids');
    const uuids = Array.from({ length: 2000 }, () => random.uuid());
    expect(new Set(uuids).size).toBe(2000);
    for (const uuid of uuids)
      expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
