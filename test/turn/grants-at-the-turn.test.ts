/** What was granted when the year turns: unread it becomes void in the old log, recorded it counts as provided, and neither is handed over afterwards. */
import { anItem, Gate } from '../gate/gate-calls.js';
import { Town } from '../setup/a-town.js';
import { closeLogsSoundly, type Keys, nextYear, thisYear, turn } from './a-turning-town.js';

test('each grant is settled in the log of its entry, and a sweep in the new log finds nothing left', async () => {
  const town = await Town.open();
  const gate = Gate.open(town);
  let keys: Keys = {};
  try {
    const program = await town.program();
    const { pairwiseId } = await town.give(town.resident(), program);
    const unread = await gate.grant(anItem(program, pairwiseId));
    const recorded = await gate.grant(anItem(program, pairwiseId));
    await gate.record(recorded.idx);
    const { closed, vkey } = await turn(town);
    for (const { idx } of [unread, recorded]) {
      expect(await gate.redeem(idx)).toMatchObject([{ entry_idx: idx, outcome: 'already-used', sealed: null }]);
    }
    await town.admin.query("UPDATE azukari.provision_grant SET granted_at = granted_at - interval '2 minutes'");
    expect(await gate.sweep()).toBe(0);
    const voids = (await town.log()).filter(({ t }) => t === 'void');
    expect(voids).toMatchObject([{ of: unread.idx, reason: 'log-closed' }]);
    expect(voids[0]!.index).toBeLessThan(closed.size);
    const fresh = await gate.grant(anItem(program, pairwiseId));
    expect(await gate.redeem(fresh.idx)).toContainEqual(expect.objectContaining({ outcome: 'provided' }));
    // A void of the new log names the place of its provision there.
    const late = await gate.grant(anItem(program, pairwiseId));
    const lines = await town.linesOf(async () => {
      await town.admin.query("UPDATE azukari.provision_grant SET granted_at = granted_at - interval '2 minutes'");
      await gate.sweep();
    });
    expect(lines).toMatchObject([{ t: 'void', of: late.idx - closed.size }]);
    keys = { [thisYear]: town.demo.log.vkey, [nextYear]: vkey };
  } finally {
    await gate.pool.end();
    await closeLogsSoundly(town, keys);
  }
});
