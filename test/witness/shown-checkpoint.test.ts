/** What `/log/checkpoint` shows never goes back, whoever cosigns and whenever. */
import { openPool } from '../../src/database/pool.js';
import { Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';

let town: Town;

beforeAll(async () => {
  town = await Town.open();
});
afterAll(() => closeSoundly(town));

async function shown(): Promise<{ size: number; signatures: number }> {
  const note = await (await fetch(`${town.base}/log/checkpoint`)).text();
  return { size: Number(note.split('\n')[1]), signatures: note.split('\n— ').length - 1 };
}

test('a cosigned checkpoint smaller than one that was shown alone is not shown; one that reaches it is', async () => {
  const signer = openPool({ url: town.city.databases.signerUrl, size: 1, applicationName: 'cosigner of a test' });
  const policy = '1'.repeat(64);
  const published = async () => {
    await town.untilPublished(await town.logSize());
    const { rows } = await signer.query<{ size: number; root: Buffer; note: string }>(
      'SELECT size, root, note FROM azukari.published_checkpoint',
    );
    return rows[0]!;
  };
  const cosign = async ({ size, root, note }: Awaited<ReturnType<typeof published>>) => {
    const values = [policy, size, root, `${note}— witness.example/one AAAAAAAAAAAAAAAA\n`];
    const { rows } = await signer.query<{ outcome: string }>(
      'SELECT azukari.store_witnessed($1, 0, $2, $3, $4) AS outcome',
      values,
    );
    expect(rows).toEqual([{ outcome: 'stored' }]);
  };
  try {
    await town.program();
    const before = await shown();
    const first = await published();
    await town.admin.query('SELECT azukari.adopt_witness_policy($1, 1, 60)', [policy]);
    await town.program();
    const alone = await published();
    expect(await shown()).toEqual({ size: alone.size, signatures: 1 });
    await cosign(first);
    expect(await shown()).toEqual({ size: alone.size, signatures: 1 });
    await cosign(alone);
    expect(await shown()).toEqual({ size: alone.size, signatures: 2 });
    // With a quorum at work the cosigned one is shown, though more is published.
    await town.program();
    expect((await published()).size).toBeGreaterThan(alone.size);
    expect(await shown()).toEqual({ size: alone.size, signatures: 2 });
    expect(before.size).toBeLessThanOrEqual(first.size);
    await town.admin.query('SELECT azukari.adopt_witness_policy($1, 0, 60)', ['0'.repeat(64)]);
  } finally {
    await signer.end();
  }
});

test('a witness policy that comes into force does not bring back what is smaller than what was shown without it', async () => {
  const { size } = await shown();
  const { rows } = await town.admin.query<{ cosigned: number }>(
    'SELECT size AS cosigned FROM azukari.witnessed_checkpoint',
  );
  expect(rows[0]!.cosigned).toBeLessThan(size);
  await town.admin.query('SELECT azukari.adopt_witness_policy($1, 1, 60)', ['1'.repeat(64)]);
  expect((await shown()).size).toBeGreaterThanOrEqual(size);
  await town.admin.query('SELECT azukari.adopt_witness_policy($1, 0, 60)', ['0'.repeat(64)]);
});
