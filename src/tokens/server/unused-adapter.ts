/** Every operation of the library's storage interface, refused: what a model does not need, nobody can use by accident. */
import type { Adapter } from 'oidc-provider';
import { BrokenInvariant } from '../../kernel/errors.js';

const refuse = () => Promise.reject(new BrokenInvariant('this is not stored'));

export const unusedAdapter: Adapter = {
  upsert: refuse,
  find: refuse,
  findByUid: refuse,
  findByUserCode: refuse,
  consume: refuse,
  destroy: refuse,
  revokeByGrantId: refuse,
};
