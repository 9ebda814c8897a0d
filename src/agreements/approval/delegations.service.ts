import { Injectable } from '@nestjs/common';
import { DataSource, IsNull } from 'typeorm';
import { UserAccount } from '../../access/user-account.entity.js';
import { Change } from '../../audit/change.js';
import { Changes } from '../../audit/changes.js';
import { pageOfOwned } from '../../audit/owned.js';
import { Page, PageQuery } from '../../http/paging.js';
import { Actor } from '../../kernel/actor.js';
import { day } from '../../kernel/clock.js';
import { Refusal } from '../../kernel/refusal.js';
import { ApprovalDelegation } from './approval-delegation.entity.js';
import { Delegate } from './delegations.dto.js';
import { speaksFor } from './stages.js';

/** A delegation is for an absence, not for ever. */
const delegationDaysMax = 90;

/** Standing in for one another at a stage of approval: named, time-boxed, shown in the evidence. */
@Injectable()
export class DelegationsService {
  constructor(
    private readonly changes: Changes,
    private readonly database: DataSource,
  ) {}

  /** Lets another person speak for a stage for a time. Only who speaks for it by their own roles may delegate it. */
  delegate(actor: Actor, body: Delegate): Promise<ApprovalDelegation> {
    return this.changes.run(actor, async (change) => {
      if (!speaksFor(actor, body.stage)) {
        throw new Refusal('forbidden', `Your role does not speak for ${body.stage}, so you cannot delegate it.`);
      }
      const window = windowOf(change, body);
      await assertTrusted(change, body.delegateId);
      const delegation = change.manager.create(ApprovalDelegation, {
        id: change.newId(),
        stage: body.stage,
        delegatorId: actor.id,
        delegatorName: actor.name,
        delegateId: body.delegateId,
        ...window,
        reason: body.reason,
        createdAt: change.at,
        revokedAt: null,
      });
      await change.save(delegation);
      await change.record('approval_delegation.made', delegation.subject, { ...body });
      return delegation;
    });
  }

  /** Takes a delegation back before its end. What was approved under it stays approved. */
  revoke(actor: Actor, id: string): Promise<ApprovalDelegation> {
    return this.changes.run(actor, async (change) => {
      const delegation = await change.hold(ApprovalDelegation, id);
      delegation.revoke(actor, change.at);
      await change.save(delegation);
      await change.record('approval_delegation.revoked', delegation.subject);
      return delegation;
    });
  }

  list(actor: Actor, query: PageQuery): Promise<Page<ApprovalDelegation>> {
    return pageOfOwned(this.database, ApprovalDelegation, { actor, query });
  }
}

function windowOf({ at }: Change, body: Delegate): { from: Date; until: Date } {
  const [from, until] = [new Date(body.from), new Date(body.until)];
  if (from < at) throw new Refusal('invalid_request', 'It would begin in the past.', { pointer: '/from' });
  const latest = new Date(from.getTime() + delegationDaysMax * day);
  if (until <= from || until > latest) {
    const expected = `after ${from.toISOString()}, at most ${latest.toISOString()}`;
    throw new Refusal('invalid_request', 'It must end after it begins, and soon.', { pointer: '/until', expected });
  }
  return { from, until };
}

async function assertTrusted({ manager, actor }: Change, delegateId: string): Promise<void> {
  if (delegateId === actor.id) {
    throw new Refusal('separation_of_duties', 'You cannot stand in for yourself.', { pointer: '/delegateId' });
  }
  const delegate = await manager.findOneBy(UserAccount, { id: delegateId, side: 'lab', suspendedAt: IsNull() });
  if (delegate && (['approver', 'compliance'] as const).some((role) => delegate.roles.includes(role))) return;
  throw new Refusal('invalid_request', 'Nobody of the lab with such powers has this id.', {
    pointer: '/delegateId',
    expected: 'the id of a person of the lab who is an approver or of compliance',
  });
}
