/** The embedded database takes a modest share of the machine it is on, whatever that has. */
import { memorySettings } from '../../src/database/cluster-settings.js';

const gigabyte = 2 ** 30;

test.each([
  [0.5, '128MB', '256MB'],
  [2, '256MB', '1024MB'],
  [8, '1024MB', '4096MB'],
  [24, '2048MB', '12288MB'],
  [512, '2048MB', '262144MB'],
])('of %s GB it takes %s for itself and counts on %s being cached', (size, shared_buffers, effective_cache_size) => {
  expect(memorySettings(size * gigabyte)).toEqual({ shared_buffers, effective_cache_size });
});
