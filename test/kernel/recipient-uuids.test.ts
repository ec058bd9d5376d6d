import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { secretKey } from '../../src/kernel/bytes.js';
import { isUuid } from '../../src/kernel/ids.js';
import { RecipientUuids } from '../../src/kernel/recipient-uuids.js';

const key = secretKey(Buffer.alloc(32, 3));

test('one recipient sees one id under one name, each time', () => {
  const [left, right] = [new RecipientUuids(key, 'hamakaze-clinic'), new RecipientUuids(key, 'hamakaze-clinic')];
  const ids = Array.from({ length: 200 }, () => randomUUID());
  expect(ids.map((id) => left.name(id))).toEqual(ids.map((id) => right.name(id)));
  expect(ids.map((id) => left.uuid(id))).toEqual(
    ids
      .toReversed()
      .map((id) => right.uuid(id))
      .toReversed(),
  );
});

test('two ids never get one name, and two recipients or residents share none', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.uuid(), { minLength: 2, maxLength: 20 }), (ids) => {
      const views = [
        new RecipientUuids(key, 'hamakaze-clinic'),
        new RecipientUuids(key, 'umineko-bus'),
        new RecipientUuids(secretKey(Buffer.alloc(32, 4)), 'hamakaze-clinic'),
      ];
      const names = views.flatMap((view) => ids.map((id) => view.name(id)));
      const uuids = views.flatMap((view) => ids.map((id) => view.uuid(id)));
      expect(new Set(names).size).toBe(names.length);
      expect(new Set([...uuids, ...ids]).size).toBe(uuids.length + ids.length);
      expect(uuids.every(isUuid)).toBe(true);
    }),
  );
});
