import { Injectable } from '@nestjs/common';
import { Actor } from '../../kernel/actor.js';
import { Fault, Refusal } from '../../kernel/refusal.js';
import { amendmentFaults } from '../../terms/amending/amendment.js';
import { approvalTier } from '../../terms/tier.js';
import { Change } from '../../audit/change.js';
import { Agreement } from '../agreement.entity.js';
import { ApprovalStage } from '../approval/agreement-approval.entity.js';
import { stagesOf } from '../approval/stages.js';
import { AgreementRevision } from '../negotiation/agreement-revision.entity.js';
import { CheckedText } from '../negotiation/revisions.service.js';
import { TextCommands, Told } from '../negotiation/text-commands.js';
import { NoticesService } from '../notices/notices.service.js';
import { AgreementSignature } from '../signing/agreement-signature.entity.js';
import { ExecutionService } from '../signing/execution.service.js';
import { expiryOf } from '../status.js';
import { VersionsService } from '../versions.service.js';
import { Amendment } from './amendment.entity.js';
import { outdateOpen } from './outdating.js';

/** An amendment as its readers see it. */
export type AmendmentView = Amendment & { allowedActions: string[] };

/** Amendments, from negotiation to execution. Every command holds the agreement first, then the amendment. */
@Injectable()
export class AmendmentTexts extends TextCommands<Amendment, AmendmentView> {
  constructor(
    private readonly execution: ExecutionService,
    private readonly versions: VersionsService,
    private readonly notices: NoticesService,
  ) {
    super();
  }

  /** Submits an administrative or protective amendment for approval, which nobody negotiates. */
  submit(actor: Actor, id: string): Promise<AmendmentView> {
    return this.command(actor, id, 'submit', async (change, amendment) => {
      await this.assertMayProtect(change, amendment);
      amendment.show();
      amendment.round += 1;
      return { digest: amendment.headDigest, round: amendment.round };
    });
  }

  /** The partner’s acknowledgement, which executes an administrative amendment. */
  acknowledge(actor: Actor, id: string, digest: string): Promise<AmendmentView> {
    return this.command(actor, id, 'acknowledge', async (change, amendment) => {
      const acknowledged = await this.signatures.acknowledge(change, amendment, digest);
      return this.execute(change, amendment, [acknowledged]);
    });
  }

  /** Writes the first revision of a new amendment; used by the one who makes it, in their own change. */
  draft(change: Change, amendment: Amendment, text: Parameters<AmendmentTexts['write']>[2]): Promise<Told> {
    return this.write(change, amendment, text);
  }

  async viewIn({ actor }: Pick<Change, 'actor'>, amendment: Amendment): Promise<AmendmentView> {
    return Object.assign(amendment, { allowedActions: amendment.allowedTo(actor) });
  }

  protected async hold(change: Change, id: string): Promise<Amendment> {
    const amendment = await change.manager.findOneBy(Amendment, { id });
    if (!amendment) throw new Refusal('not_found');
    await change.lock(Agreement, amendment.agreementId);
    return change.hold(Amendment, id);
  }

  protected async faultsOf(change: Change, amendment: Amendment, draft: CheckedText): Promise<Fault[]> {
    const { agreementId, baseNumber, baseDigest, kind } = amendment;
    const { terms, textId } = await this.versions.numbered(change.manager, agreementId, baseNumber);
    const base = await change.manager.findOneByOrFail(AgreementRevision, { textId, digest: baseDigest });
    return [...amendmentFaults(kind, { terms, prose: base.prose }, draft), ...neverHolding(amendment, draft)];
  }

  protected stagesFor({ kind }: Amendment, head: AgreementRevision): ApprovalStage[] {
    return kind === 'material' ? stagesOf(approvalTier(head.terms)) : ['approver'];
  }

  protected async execute(change: Change, amendment: Amendment, signatures: AgreementSignature[]): Promise<Told> {
    const { kind } = amendment;
    if (kind === 'material' && !signatures.some(({ party }) => party === 'evaluator')) {
      throw new Refusal('move_not_allowed', 'The partner has not signed this digest yet.');
    }
    await this.assertMayProtect(change, amendment);
    const agreement = await change.lock(Agreement, amendment.agreementId);
    // Refuses an agreement that has expired or ended: there is nothing left to amend.
    await this.versions.current(change, agreement);
    const { terms } = await this.revisions.head(change, amendment);
    if (expiryOf(terms) <= change.at) throw new Refusal('move_not_allowed', 'The amended term is over already.');
    const { title } = agreement;
    const version = await this.execution.execute(change, { text: amendment, title, kind, signatures });
    await outdateOpen(change, amendment.agreementId, amendment.id);
    return { digest: version.digest, version: version.number, effectiveFrom: version.effectiveFrom };
  }

  /** The lab narrows alone only while a breach of which it gave notice is not cured. */
  private async assertMayProtect(change: Change, { kind, agreementId }: Amendment): Promise<void> {
    if (kind !== 'protective' || (await this.notices.breachIsOpen(change.manager, agreementId))) return;
    throw new Refusal('move_not_allowed', 'A protective amendment needs a notice of breach that is not cured.');
  }
}

/** A version that begins where its own term has ended would hold never. */
function neverHolding({ effectiveFrom }: Amendment, { terms }: CheckedText): Fault[] {
  if (effectiveFrom < expiryOf(terms)) return [];
  const expected = `an instant after ${effectiveFrom.toISOString()}, from when the amendment is to hold`;
  const detail = 'The term would be over before the amendment begins.';
  return [{ pointer: '/terms/term/expiresAt', code: 'terms.term_empty', detail, expected }];
}
