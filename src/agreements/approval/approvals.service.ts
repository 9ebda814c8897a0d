import { Injectable } from '@nestjs/common';
import { EntityManager, In, IsNull, LessThanOrEqual, MoreThan } from 'typeorm';
import { UserAccount } from '../../access/user-account.entity.js';
import { Refusal } from '../../kernel/refusal.js';
import { Change } from '../../audit/change.js';
import { AgreementRevision } from '../negotiation/agreement-revision.entity.js';
import { NegotiatedText } from '../negotiation/negotiated-text.js';
import { ApproveText } from '../negotiation/negotiation.dto.js';
import { AgreementApproval, ApprovalStage } from './agreement-approval.entity.js';
import { ApprovalDelegation } from './approval-delegation.entity.js';
import { speaksFor } from './stages.js';

/** Approvals: each of one digest, at one stage, by one person who wrote none of it. */
@Injectable()
export class ApprovalsService {
  /**
   * Keeps an approval of the text at hand; true when it was the last that the text needs. The caller holds the text.
   * Refuses a stage that is not asked for, who does not speak for it, an author, and the same person twice.
   */
  async give(
    change: Change,
    text: NegotiatedText,
    { digest, stage }: ApproveText,
    stages: readonly ApprovalStage[],
  ): Promise<boolean> {
    text.assertHead(digest);
    if (!stages.includes(stage)) {
      const expected = `one of: ${stages.join(', ')}`;
      throw new Refusal('invalid_request', 'These terms do not ask for this stage.', { pointer: '/stage', expected });
    }
    const given = await this.given(change.manager, text);
    const delegation = await speaking(change, text, stage, given);
    await change.save(
      change.manager.create(AgreementApproval, {
        id: change.newId(),
        agreementId: text.ofAgreement,
        textId: text.id,
        round: text.round,
        digest,
        stage,
        approverId: change.actor.id,
        approverName: change.actor.name,
        onBehalfOf: delegation?.delegatorId ?? null,
        delegationId: delegation?.id ?? null,
        approvedAt: change.at,
      }),
    );
    return given.length + 1 === stages.length;
  }

  /** The approvals of the round under way, which alone count. */
  given(manager: EntityManager, { id, round }: NegotiatedText): Promise<AgreementApproval[]> {
    return manager.find(AgreementApproval, { where: { textId: id, round }, order: { id: 'ASC' } });
  }
}

/**
 * By which right the actor speaks for a stage: null for their own, or the delegation under which they stand in. Of
 * several delegations the first that would do is taken; where none does, the refusal is that of the first.
 */
async function speaking(
  change: Change,
  text: NegotiatedText,
  stage: ApprovalStage,
  given: readonly AgreementApproval[],
): Promise<ApprovalDelegation | null> {
  const rights = speaksFor(change.actor, stage) ? [null] : await delegationsOf(change, stage);
  const refusals: Refusal[] = [];
  for (const right of rights) {
    const refusal = await whyNot(change, text, given, right);
    if (refusal === null) return right;
    refusals.push(refusal);
  }
  const detail = `Your role does not speak for ${stage}, and nobody who does has delegated it to you.`;
  throw refusals[0] ?? new Refusal('forbidden', detail);
}

/** The delegations in force by which others, who may still speak for the stage themselves, let the actor speak for it. */
async function delegationsOf({ manager, actor, at }: Change, stage: ApprovalStage): Promise<ApprovalDelegation[]> {
  const delegations = await manager.find(ApprovalDelegation, {
    where: { delegateId: actor.id, stage, from: LessThanOrEqual(at), until: MoreThan(at), revokedAt: IsNull() },
    order: { id: 'ASC' },
  });
  const ids = delegations.map(({ delegatorId }) => delegatorId);
  const accounts = await manager.findBy(UserAccount, { id: In(ids), side: 'lab', suspendedAt: IsNull() });
  const able = new Set(accounts.filter((account) => speaksFor(account, stage)).map(({ id }) => id));
  return delegations.filter(({ delegatorId }) => able.has(delegatorId));
}

async function whyNot(
  { manager, actor }: Change,
  text: NegotiatedText,
  given: readonly AgreementApproval[],
  delegation: ApprovalDelegation | null,
): Promise<Refusal | null> {
  const people = [actor.id, ...(delegation ? [delegation.delegatorId] : [])];
  const authored = await manager.findOneBy(AgreementRevision, { textId: text.id, authorId: In(people) });
  if (authored) {
    const who = authored.authorId === actor.id ? 'You' : 'Who delegated this to you';
    return new Refusal('separation_of_duties', `${who} wrote a revision of it.`);
  }
  const spoken = given.flatMap(({ approverId, onBehalfOf }) => [approverId, onBehalfOf]);
  if (!people.some((person) => spoken.includes(person))) return null;
  return new Refusal('separation_of_duties', 'You approved this digest already; each stage takes another person.');
}
