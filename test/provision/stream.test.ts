/** Many residents in one answer (NDJSON): a line, an entry and a receipt for each; what a slow reader has not yet taken can still be withdrawn. */
import { request as openRequest, type IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { linesOf, type Reader, type StreamedLine, verified } from '../setup/a-reader.js';
import { sweepGrants } from '../setup/check-log.js';
import { type AProgram, must, type NewRecord, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';

let town: Town;
beforeAll(async () => {
  town = await Town.open();
});
afterAll(() => closeSoundly(town));

async function consentedBy(count: number, program: AProgram) {
  const given = await Promise.all(
    Array.from({ length: count }, async (_, number) => ({
      resident: town.resident(number),
      ...(await town.give(town.resident(number), program)),
    })),
  );
  return given.sort((left, right) =>
    Buffer.from(left.pairwiseId, 'base64url').compare(Buffer.from(right.pairwiseId, 'base64url')),
  );
}

const namesOf = (lines: readonly StreamedLine[]) => lines.flatMap(({ pairwiseId }) => pairwiseId ?? []);

test('each resident has a line, an entry and a receipt of their own, and the last line says that it was the last', async () => {
  const program = await town.program();
  const consents = await consentedBy(7, program);
  const reader = await town.reader(program);
  let streamed: StreamedLine[] = [];
  const entries = await town.linesOf(async () => {
    const answer = must(await reader.stream());
    expect(answer.text.endsWith('\n')).toBe(true);
    streamed = linesOf(answer);
  });
  expect(namesOf(streamed)).toEqual(consents.map(({ pairwiseId }) => pairwiseId));
  expect(streamed.at(-1)).toEqual({ end: true, delivered: 7, next: null });
  expect(entries.map(({ t }) => t)).toEqual(Array.from({ length: 7 }, () => 'provision'));
  const receipts = streamed
    .slice(0, -1)
    .map(({ pairwiseId, receipt }) => verified(receipt!, town.demo, { pairwiseId: pairwiseId!, program: program.id }));
  expect(receipts.map(({ index }) => index).sort((left, right) => left - right)).toEqual(
    entries.map(({ index }) => index),
  );
  expect(new Set(receipts.map(({ entry }) => entry.tag)).size).toBe(7);
  for (const { records } of streamed.slice(0, -1)) expect(records!.length).toBeGreaterThan(0);
});

test('a limit ends a stream early with the cursor to go on from, and what is taken up goes on without a gap', async () => {
  const program = await town.program();
  const consents = await consentedBy(7, program);
  const reader = await town.reader(program);
  const parts: StreamedLine[][] = [];
  let cursor: string | null | undefined;
  do {
    parts.push(linesOf(must(await reader.stream({ limit: 3, ...(cursor ? { cursor } : {}) }))));
    cursor = parts.at(-1)!.at(-1)!.next;
  } while (cursor && parts.length < 9);
  expect(parts.map((part) => part.length - 1)).toEqual([3, 3, 1]);
  expect(parts.flatMap(namesOf)).toEqual(consents.map(({ pairwiseId }) => pairwiseId));
});

test('a line that was lost on the way is asked for again from the last one received: a new entry, and the same records', async () => {
  const program = await town.program();
  await consentedBy(3, program);
  const reader = await town.reader(program);
  const [first, second] = linesOf(must(await reader.stream()));
  const entries = await town.linesOf(async () => {
    const again = linesOf(must(await reader.stream({ cursor: first!.pairwiseId, limit: 1 })))[0]!;
    expect(again.pairwiseId).toBe(second!.pairwiseId);
    expect(again.records).toEqual(second!.records);
    expect(again.receipt!.nonce).not.toBe(second!.receipt!.nonce);
  });
  expect(entries.map(({ t }) => t)).toEqual(['provision']);
});

test('a stream over one of the categories asks for, and commits to, only that', async () => {
  const program = await town.program('hamakaze-clinic', {
    items: ['activity.steps', 'health.checkup'].map((category) => ({
      purpose: 'care.prevention',
      category,
      fields: category === 'activity.steps' ? ['steps'] : ['results'],
    })),
  });
  await consentedBy(2, program);
  const lines = linesOf(
    must(await (await town.reader(program)).stream({ categories: ['activity.steps'], purpose: 'care.prevention' })),
  );
  for (const { records, receipt } of lines.slice(0, -1)) {
    expect(new Set(records!.map(({ category }) => category))).toEqual(new Set(['activity.steps']));
    expect(verified(receipt!, town.demo).entry.categories).toEqual(['activity.steps']);
  }
});

test('nobody consents: the stream is its last line', async () => {
  const program = await town.program();
  expect(linesOf(must(await (await town.reader(program)).stream()))).toEqual([{ end: true, delivered: 0, next: null }]);
});

/** Two megabytes of shopping, so that no buffer between two programs holds a whole stream. */
function muchShopping(resident: NewRecord['resident']): NewRecord[] {
  const items = Array.from({ length: 350 }, () => ({ name: '大根'.repeat(100), quantity: 1, unitPriceYen: 198 }));
  return Array.from({ length: 8 }, (_, number) => ({
    resident,
    recordId: `big ${number}`,
    date: '2025-05-01',
    data: {
      id: crypto.randomUUID(),
      purchasedAt: '2025-05-01T10:00:00+09:00',
      store: { id: 's1', name: '薬局' },
      items,
      totalYen: 99_000,
      currency: 'JPY',
    },
  }));
}

/** The answer, with nothing read of it yet. */
function openStream(reader: Reader, program: string): Promise<IncomingMessage> {
  const { hostname, port } = new URL(town.base);
  const body = JSON.stringify({ program, from: '2025-05-01', to: '2025-05-02' });
  const headers = {
    ...{ authorization: `DPoP ${reader.token}`, dpop: reader.recipient.proof('POST', '/v1/provisions', reader.token) },
    ...{ 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
  };
  return new Promise((resolve, reject) => {
    openRequest({ hostname, port, path: '/v1/provisions', method: 'POST', headers, agent: false }, resolve)
      .on('error', reject)
      .end(body);
  });
}

test.each([
  ['', 0],
  [', not even when the clock of the node is set back meanwhile', 3_600_000],
])(
  'who withdraws while a slow reader is still busy with others is not delivered to it any more%s',
  async (_, backMs) => {
    const program = await town.program('hamakaze-clinic', {
      items: [{ purpose: 'care.prevention', category: 'purchase.history', fields: ['items'] }],
    });
    const consents = await consentedBy(8, program);
    for (const { resident } of consents)
      must(await town.deposit('minatono-pharmacy', 'purchase.history', muchShopping(resident)));
    const reader = await town.reader(program);

    const response = await openStream(reader, program.id);
    const last = consents.at(-1)!;
    must(await town.withdraw(last.resident, last.consentId));
    const chunks: Buffer[] = [];
    const setBack = jest.spyOn(Date, 'now').mockImplementation(() => new Date().getTime() - backMs);
    try {
      // Longer than a line may wait without being looked at again.
      await pause(2_300);
      for await (const chunk of response) chunks.push(chunk as Buffer);
    } finally {
      setBack.mockRestore();
    }
    const lines = linesOf({ text: Buffer.concat(chunks).toString('utf8') } as never);
    expect(lines).toHaveLength(9);
    expect(lines[0]!.records).toHaveLength(8);
    expect(lines[7]).toEqual({ pairwiseId: last.pairwiseId, refused: 'no-consent' });
    expect(lines[8]).toMatchObject({ end: true, delivered: 7 });
  },
  60_000,
);

test('a reader that hangs up leaves every entry with its outcome: what was not handed over is taken back', async () => {
  const program = await town.program();
  await consentedBy(5, program);
  const reader = await town.reader(program);
  const response = await openStream(reader, program.id);
  response.destroy();
  await pause(200);
  await town.admin.query(
    `UPDATE azukari.provision_grant SET granted_at = granted_at - interval '61 seconds' WHERE program_id = $1`,
    [program.id],
  );
  await sweepGrants(town.city.service.pool);
  const { rows } = await town.admin.query('SELECT FROM azukari.provision_grant WHERE program_id = $1', [program.id]);
  expect(rows).toEqual([]);
});
