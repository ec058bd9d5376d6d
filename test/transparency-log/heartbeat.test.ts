/** A signer says once a minute that it lives, also where there is nothing to sign. Who reads the pages learns when none has said so for three. */
import { setTimeout as pause } from 'node:timers/promises';
import { stopSigning } from '../restore/a-lost-town.js';
import { Visitor, textOf } from '../pages/a-visitor.js';
import { Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';

let town: Town;
beforeAll(async () => {
  town = await Town.open();
});
afterAll(() => closeSoundly(town));

async function seenAgoSeconds(): Promise<number> {
  const { rows } = await town.admin.query<{ ago: number }>(
    'SELECT extract(epoch FROM clock_timestamp() - seen_at)::float8 AS ago FROM azukari.signer_state',
  );
  return rows[0]!.ago;
}

async function front(language: 'ja' | 'en'): Promise<string> {
  return textOf((await new Visitor(town.base).open(`/?lang=${language}`)).html);
}

test('while it lives nothing is said; once it has been silent for three minutes, the pages say since when; another one is heard at once', async () => {
  const silence = { ja: '署名が止まっています', en: 'The log is not being signed' };
  expect(await front('en')).not.toContain(silence.en);
  await stopSigning(town.city);
  await town.admin.query("UPDATE azukari.signer_state SET seen_at = seen_at - interval '4 minutes'");
  for (const language of ['ja', 'en'] as const) expect(await front(language)).toContain(silence[language]);
  const board = new Visitor(town.base, town.demo.board[0]!.session);
  expect(textOf((await board.open('/board/log?lang=en')).html)).toContain(silence.en);

  // Nothing was appended: it is not a signature that is heard of.
  const size = await town.logSize();
  await town.anotherNode({ runsSigner: true });
  for (let attempt = 0; (await seenAgoSeconds()) > 60 && attempt < 200; attempt += 1) await pause(50);
  expect(await seenAgoSeconds()).toBeLessThan(60);
  expect(await town.logSize()).toBe(size);
  for (const language of ['ja', 'en'] as const) expect(await front(language)).not.toContain(silence[language]);
}, 30_000);
