import { Not } from 'typeorm';
import { Change } from '../../audit/change.js';
import { keepMove } from '../negotiation/transitions.js';
import { Amendment } from './amendment.entity.js';

/**
 * Makes every open amendment of an agreement stale, but for one that was just executed: the others were written
 * against a version that is no longer the newest, or there is nothing left to amend. The caller holds the agreement.
 */
export async function outdateOpen(change: Change, agreementId: string, executedId?: string): Promise<void> {
  const others = executedId === undefined ? {} : { id: Not(executedId) };
  const amendments = await change.manager.findBy(Amendment, { agreementId, ...others });
  for (const amendment of amendments.filter(({ isOpen }) => isOpen)) {
    const from = amendment.state;
    const event = amendment.move('outdate');
    await change.save(amendment);
    await keepMove(change, amendment, { command: 'outdate', from });
    await change.record(event, amendment.subject);
  }
}
