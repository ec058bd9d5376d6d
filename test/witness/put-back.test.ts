/** Database, anchor and tiles put back together: the witnesses still know what was signed, and no second history is signed. */
import { aDemoCity } from '../setup/demo-city.js';
import { Town } from '../setup/a-town.js';
import { WitnessedTown } from './a-witnessed-town.js';

let witnessed: WitnessedTown;

beforeAll(async () => {
  witnessed = await WitnessedTown.open();
}, 120_000);
afterAll(() => witnessed.closeSoundly());

test('a signer whose witnesses hold more than its log freezes it before it signs anything', async () => {
  for (let count = 0; count < 3; count += 1) await witnessed.town.program();
  await witnessed.untilWitnessed();
  const { size: held } = (await witnessed.witnessed())!;
  // The demo city as it was founded: the same log and the same key, without what came since.
  const old = Town.of(
    await aDemoCity({ runsSigner: true, witnesses: { policyFile: witnessed.policyFile, limitMinutes: 60 } }),
  );
  old.city.databases.leaveUnchecked('it is frozen before it signs anything');
  try {
    const { rows } = await old.admin.query<{ reason: string | null; signed: number }>(
      'SELECT s.freeze_reason AS reason, c.size AS signed FROM azukari.signer_state s, azukari.published_checkpoint c',
    );
    expect(rows[0]!.reason).toMatch(
      new RegExp(`^the log has \\d+ entries, a signed checkpoint covers ${held}, and witness w\\d holds it$`),
    );
    expect(rows[0]!.signed).toBeLessThan(held);
    expect(rows[0]!.signed).toBeLessThan(await old.logSize());
  } finally {
    await old.close();
  }
});
