import { EntityManager, LessThanOrEqual } from 'typeorm';
import { Change } from '../../audit/change.js';
import { NegotiatedText } from './negotiated-text.js';
import { TextTransition } from './text-transition.entity.js';

/** A move that was just made. */
interface Made {
  command: string;
  /** The state before; null for the first draft. */
  from: string | null;
  reason?: string | null;
}

/** Keeps a move in the history of its text, for good. */
export async function keepMove(
  change: Change,
  text: NegotiatedText,
  { command, from, reason = null }: Made,
): Promise<void> {
  await change.save(
    change.manager.create(TextTransition, {
      id: change.newId(),
      agreementId: text.ofAgreement,
      textId: text.id,
      at: change.at,
      command,
      fromState: from,
      toState: text.state,
      actorId: change.actor.id,
      actorName: change.actor.name,
      actorSide: change.actor.side,
      reason,
      shown: text.proposedNumber !== null,
    }),
  );
}

/** How many moves were made by an instant, which is the version that the text had then. */
export function movesBy(manager: EntityManager, textId: string, at: Date): Promise<number> {
  return manager.countBy(TextTransition, { textId, at: LessThanOrEqual(at) });
}

/** The last move made by an instant, or the last by one command; null where there was none yet. */
export function lastMoveBy(
  manager: EntityManager,
  textId: string,
  at: Date,
  command?: string,
): Promise<TextTransition | null> {
  const where = { textId, at: LessThanOrEqual(at), ...(command !== undefined && { command }) };
  return manager.findOne(TextTransition, { where, order: { id: 'DESC' } });
}
