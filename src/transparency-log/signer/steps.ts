/**
 * The signer's steps by name, told as they are done on the diagnostics channel `azukari.signer.step`: for measuring, and for tests that let
 * a signer die between any two of them. A start handles each of these positions (`SignedLog.takeUp`, `SignedLog.takeUpAndMend`):
 *
 * | Died after | Then |
 * |---|---|
 * | `entries-read` | nothing was kept: they are read again |
 * | `tiles-kept` | full tiles that no checkpoint covers: written again, byte for byte the same |
 * | `checkpoint-kept` | a signed checkpoint that only the tail of the tiles knows: the entries below it must still be those |
 * | `anchored` | the same, and the anchor knows it |
 * | `published` | what was signed is what is published; the layout of the tiles is brought up to the tail |
 */
import { channel } from 'node:diagnostics_channel';

export type SignerStep = 'entries-read' | 'tiles-kept' | 'checkpoint-kept' | 'anchored' | 'published';

const steps = channel('azukari.signer.step');

export function done(step: SignerStep): void {
  if (steps.hasSubscribers) steps.publish({ step });
}
