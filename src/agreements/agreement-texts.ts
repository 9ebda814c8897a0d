import { Injectable } from '@nestjs/common';
import { Refusal } from '../kernel/refusal.js';
import { approvalTier } from '../terms/tier.js';
import { Change } from '../audit/change.js';
import { AgreementView, AgreementViews } from './agreement-views.js';
import { Agreement } from './agreement.entity.js';
import { outdateOpen } from './amendments/outdating.js';
import { stagesOf } from './approval/stages.js';
import { AgreementRevision } from './negotiation/agreement-revision.entity.js';
import { TextCommands, Told } from './negotiation/text-commands.js';
import { keepMove } from './negotiation/transitions.js';
import { AgreementSignature } from './signing/agreement-signature.entity.js';
import { expiryOf } from './status.js';
import { ExecutionService } from './signing/execution.service.js';

/** The first text of an agreement, from negotiation to execution. */
@Injectable()
export class AgreementTexts extends TextCommands<Agreement, AgreementView> {
  constructor(
    private readonly execution: ExecutionService,
    private readonly views: AgreementViews,
  ) {
    super();
  }

  protected hold(change: Change, id: string): Promise<Agreement> {
    return change.hold(Agreement, id);
  }

  protected faultsOf(): Promise<[]> {
    return Promise.resolve([]);
  }

  protected stagesFor(_agreement: Agreement, head: AgreementRevision) {
    return stagesOf(approvalTier(head.terms));
  }

  protected async execute(change: Change, agreement: Agreement, signatures: AgreementSignature[]): Promise<Told> {
    if (!signatures.some(({ party }) => party === 'evaluator')) {
      throw new Refusal('move_not_allowed', 'The partner has not signed this digest yet.');
    }
    const { terms } = await this.revisions.head(change, agreement);
    if (expiryOf(terms) <= change.at) throw new Refusal('move_not_allowed', 'The term of this text is over already.');
    const { title } = agreement;
    const version = await this.execution.execute(change, { text: agreement, title, kind: 'original', signatures });
    if (agreement.supersedesId !== null) await this.supersede(change, agreement.supersedesId, version.effectiveFrom);
    return { digest: version.digest, version: version.number, effectiveFrom: version.effectiveFrom };
  }

  protected viewIn(change: Change, agreement: Agreement): Promise<AgreementView> {
    return this.views.viewIn(change, agreement);
  }

  /** Ends the predecessor when its successor begins. One that has ended by other means has nothing left to end. */
  private async supersede(change: Change, predecessorId: string, from: Date): Promise<void> {
    const predecessor = await change.lock(Agreement, predecessorId);
    if (predecessor.state !== 'executed') return;
    const event = predecessor.move('supersede');
    predecessor.endedAt = from;
    await change.save(predecessor);
    await keepMove(change, predecessor, { command: 'supersede', from: 'executed' });
    await change.record(event, predecessor.subject, { endedAt: from });
    await outdateOpen(change, predecessor.id);
  }
}
