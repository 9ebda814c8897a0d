import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, VersionColumn } from 'typeorm';
import { Actor } from '../kernel/actor.js';
import { Moves } from '../kernel/moves.js';
import { Refusal } from '../kernel/refusal.js';
import { Subject } from '../audit/change.js';

export const campaignStates = ['proposed', 'approved', 'active', 'completed', 'rejected', 'cancelled'] as const;
export type CampaignState = (typeof campaignStates)[number];
export type CampaignCommand = 'approve' | 'reject' | 'activate' | 'complete' | 'cancel';

/** One piece of evaluation work under an agreement: one purpose, named models, a window. Every key belongs to one. */
@Entity()
@Index('ix_campaign_agreement', ['agreementId', 'id'])
@Check('ck_campaign_window', 'starts_at < ends_at')
@Check('separation_campaign_approval', 'approved_by IS NULL OR approved_by <> proposed_by')
export class Campaign {
  static readonly moves = new Moves<CampaignState, CampaignCommand>('campaign', 'proposed', {
    proposed: {
      approve: { to: 'approved', event: 'campaign.approved' },
      reject: { to: 'rejected', event: 'campaign.rejected' },
      cancel: { to: 'cancelled', event: 'campaign.cancelled' },
    },
    approved: {
      activate: { to: 'active', event: 'campaign.activated' },
      cancel: { to: 'cancelled', event: 'campaign.cancelled' },
    },
    active: { complete: { to: 'completed', event: 'campaign.completed' } },
    completed: {},
    rejected: {},
    cancelled: {},
  });

  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @ForeignKey('PartnerOrganisation', { name: 'fk_campaign_organisation' })
  @Column({ type: 'uuid' })
  organisationId!: string;

  @ForeignKey('Agreement', { name: 'fk_campaign_agreement' })
  @Column({ type: 'uuid' })
  agreementId!: string;

  @Column({ type: 'text' })
  title!: string;

  /** The one primary purpose, a code that the agreement permits. */
  @Column({ type: 'text' })
  purpose!: string;

  /** Exact snapshots. */
  @Column({ type: 'text', array: true })
  models!: string[];

  /** Ids of the registered evaluation sets it will run. */
  @Column({ type: 'text', array: true })
  evaluationSets!: string[];

  @Column({ type: 'timestamptz' })
  startsAt!: Date;

  @Column({ type: 'timestamptz' })
  endsAt!: Date;

  /** How many requests the partner expects to make. */
  @Column({ type: 'bigint' })
  expectedRequests!: number;

  @ForeignKey('UserAccount', { name: 'fk_campaign_lead' })
  @Column({ type: 'uuid' })
  leadId!: string;

  @Column({ type: 'text' })
  state!: CampaignState;

  @Column({ type: 'text' })
  proposedBy!: string;

  @Column({ type: 'text', nullable: true })
  approvedBy!: string | null;

  @VersionColumn({ type: 'integer' })
  version!: number;

  get subject(): Subject {
    return { kind: 'campaign', id: this.id, organisationId: this.organisationId };
  }

  /** Makes a move of the table and tells its event. */
  move(command: CampaignCommand, actor: Actor): string {
    const { to, event } = Campaign.moves.from(this.state, command);
    this.state = to;
    if (command === 'approve') this.approvedBy = actor.id;
    return event;
  }

  /** Refuses what only an active campaign allows. */
  assertActive(): void {
    if (this.state !== 'active') throw new Refusal('move_not_allowed', `The campaign is ${this.state}, not active.`);
  }
}
