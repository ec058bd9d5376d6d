/** A witness policy that came into force since the backup is in force after the restore, whether the service is told of it again or not. */
import { Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';
import { LostTown } from './a-lost-town.js';

test('a restored database asks for the witnesses that its log says it asks for', async () => {
  const town = await Town.open();
  const policy = 'd'.repeat(64);
  await town.admin.query('SELECT azukari.adopt_witness_policy($1, 2, 600)', [policy]);
  const { rows } = await town.admin.query<{ size: number }>('SELECT size FROM azukari.log_state');
  for (let covered = 0; covered < rows[0]!.size;) {
    covered = Number((await town.admin.query('SELECT size FROM azukari.published_checkpoint')).rows[0].size);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const lost = await LostTown.of(town);
  try {
    await lost.catchUp();
    const { rows: restored } = await lost.asSuperuser((client) =>
      client.query('SELECT digest, threshold, limit_minutes FROM azukari.witness_policy'),
    );
    expect(restored).toEqual([{ digest: policy, threshold: 2, limit_minutes: 600 }]);
    await closeSoundly(await lost.reopen());
  } finally {
    await lost.discard();
  }
}, 60_000);
