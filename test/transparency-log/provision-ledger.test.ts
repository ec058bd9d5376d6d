/** What is remembered of provisions for the voids that follow, however far apart they are. */
import type { EntryOf } from '../../src/transparency-log/entry.js';
import { ProvisionLedger } from '../../src/transparency-log/provision-ledger.js';
import { TagBytes } from '../../src/transparency-log/tag.js';

const tag = (digit: string) => digit.repeat(64);
const at = (month: string) => `2026-${month}-01T00:00Z`;

function provision(recipient: string, month: string): EntryOf<'provision'> {
  const about = { recipient, program: 'p', version: 1, purpose: 'care', categories: ['steps'] };
  return { v: 1, t: 'provision', at: at(month), ...about, policy: tag('0'), tag: tag('a'), commitment: tag('0') };
}

function voidOf(of: number, recipient: string, month: string): EntryOf<'void'> {
  return { v: 1, t: 'void', at: at(month), of, reason: 'not-redeemed', recipient, tag: tag('a') };
}

test.each<[string, number, string, string, string, string]>([
  ['of the same recipient and tag', 200_000, 'clinic', '10', 'a', 'voided'],
  ['of another month, whose tag differs', 200_000, 'clinic', '11', 'b', 'voided'],
  ['of another recipient', 200_000, 'shop', '10', 'a', 'differs'],
  ['under another tag of that month', 200_000, 'clinic', '10', 'b', 'differs'],
  ['of an entry near it that is no provision', 199_999, 'clinic', '10', 'a', 'none'],
  ['of an entry far from any', 5_000_000, 'clinic', '10', 'a', 'none'],
  ['of an entry that no log can have', Number.MAX_SAFE_INTEGER, 'clinic', '10', 'a', 'none'],
])('a void %s', (_, of, recipient, month, digit, outcome) => {
  const ledger = new ProvisionLedger();
  ledger.add(3, provision('shop', '10'), TagBytes.of(tag('c')));
  ledger.add(200_000, provision('clinic', '10'), TagBytes.of(tag('a')));
  expect(ledger.void(voidOf(of, recipient, month), TagBytes.of(tag(digit)))).toBe(outcome);
});

test('a provision is voided once', () => {
  const ledger = new ProvisionLedger();
  ledger.add(70_000, provision('clinic', '10'), TagBytes.of(tag('a')));
  expect(ledger.void(voidOf(70_000, 'clinic', '10'), TagBytes.of(tag('a')))).toBe('voided');
  expect(ledger.void(voidOf(70_000, 'clinic', '10'), TagBytes.of(tag('a')))).toBe('twice');
});
