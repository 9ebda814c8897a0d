import { minute } from '../../kernel/clock.js';
import { digestOf } from '../../kernel/digests.js';
import { Actor } from '../../kernel/actor.js';
import { Refusal } from '../../kernel/refusal.js';

/** A signature needs a proof of identity at most this old. */
const authenticationAgeMax = 5 * minute;

/** The two statements that a signer affirms. A new wording is a new version; old signatures keep theirs. */
export const statements = {
  version: '2026-11',
  intent: 'I have read this agreement and intend to sign it.',
  authority: 'I am authorised to bind the organisation for which I sign.',
};

export const statementsDigest = digestOf(`${statements.version}\n${statements.intent}\n${statements.authority}`);

/** Refuses a signature whose signer has not proved who they are within the last five minutes. */
export function assertFreshIdentity(actor: Actor, at: Date): Date {
  const { authenticatedAt } = actor;
  // A proof from the future is none: an identity provider that errs must not open this for ever.
  const age = authenticatedAt ? at.getTime() - authenticatedAt.getTime() : Infinity;
  if (!authenticatedAt || age > authenticationAgeMax || age < -minute) {
    throw new Refusal('reauthentication_required');
  }
  return authenticatedAt;
}
