/** Each resident's keys come back as they went in, whoever else came and went; those who came first go first when it is full. */
import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import type { Uuid } from '../../src/kernel/ids.js';
import { type KeyBytes, KeyCache } from '../../src/residents/key-cache.js';

const idOf = (resident: number) => `resident ${resident}` as Uuid;
const some = (epoch: number): KeyBytes => ({ identifier: randomBytes(32), data: randomBytes(32), epoch });

test('it answers as a map would that forgets its oldest, and whomever it is told to', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 4 }))),
      (residentsMax, acts) => {
        const cache = new KeyCache(residentsMax);
        const model = new Map<Uuid, KeyBytes>();
        for (const [turn, [resident, act]] of acts.entries()) {
          const [id, keys] = [idOf(resident), some(turn + 1)];
          if (act === 0) {
            cache.forget(id);
            model.delete(id);
            continue;
          }
          cache.set(id, keys);
          if (!model.has(id) && model.size === residentsMax) model.delete(model.keys().next().value!);
          model.set(id, keys);
        }
        for (let resident = 0; resident <= 30; resident += 1) {
          const [found, expected] = [cache.get(idOf(resident)), model.get(idOf(resident))];
          expect(found?.identifierKey.export()).toEqual(expected?.identifier);
          expect(found?.dataKey.secret.export()).toEqual(expected?.data);
          expect(found?.dataKey.epoch).toBe(expected?.epoch);
        }
      },
    ),
  );
});

test('it grows with those who come', () => {
  const cache = new KeyCache(10_000);
  const all = Array.from({ length: 5_000 }, (_, resident) => some(resident + 1));
  for (const [resident, keys] of all.entries()) cache.set(idOf(resident), keys);
  for (const [resident, { identifier }] of all.entries()) {
    expect(cache.get(idOf(resident))?.identifierKey.export().equals(identifier)).toBe(true);
  }
});
