import { Count, Id, Instant, OneOf, Text } from '../../http/fields.js';
import { ApprovalStage, approvalStages } from './agreement-approval.entity.js';

/** Somebody to stand in for you at one stage of approval. */
export class Delegate {
  @Id({ description: 'Who stands in: a person of the lab who is an approver or of compliance.' })
  delegateId!: string;

  @OneOf(approvalStages, { description: 'The stage; your own roles must speak for it.' })
  stage!: ApprovalStage;

  @Instant({ description: 'From when; not in the past.' })
  from!: string;

  @Instant({ description: 'Until when, not included; at most 90 days after `from`.' })
  until!: string;

  @Text({ description: 'Why. It stands in the evidence of what is approved under it.', max: 2000 })
  reason!: string;
}

/** One person standing in for another. */
export class DelegationAnswer extends Delegate {
  @Id({ description: 'The delegation.' })
  id!: string;

  @Text({ description: 'Who delegated.' })
  delegatorId!: string;

  @Text({ description: 'Their name.' })
  delegatorName!: string;

  @Instant({ description: 'When it was taken back.', nullable: true })
  revokedAt!: string | null;

  @Count({ description: 'Counts changes; the ETag.' })
  version!: number;
}
