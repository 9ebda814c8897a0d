import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { QuotaMetric } from '../terms/terms.js';
import { RollingUnit } from './rolling.js';

/**
 * One window of one quota for one subject: the ledger's row. The check is the last word on over-granting, whatever
 * the code above it believes: a hard window can never hold more than its limit.
 */
@Entity()
@Index('uq_quota_window_identity', ['agreementId', 'quotaId', 'subject', 'measure', 'startsAt'], { unique: true })
@Check('ck_quota_window_counts', 'leased >= 0 AND used >= 0 AND overrun >= 0')
@Check('ck_quota_window_limit', 'NOT hard OR leased + used <= "limit"')
@Check('ck_quota_window_assumed', 'assumed >= 0 AND assumed <= used + overrun')
@Check('ck_quota_window_currency', "(metric = 'spend') = (currency IS NOT NULL)")
@Check('ck_quota_window_sliding', '(unit IS NULL) = (counted_from IS NULL)')
export class QuotaWindow {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @ForeignKey('PartnerOrganisation', { name: 'fk_quota_window_organisation' })
  @Column({ type: 'uuid' })
  organisationId!: string;

  @ForeignKey('Agreement', { name: 'fk_quota_window_agreement' })
  @Column({ type: 'uuid' })
  agreementId!: string;

  /** The quota's id in the terms. */
  @Column({ type: 'text' })
  quotaId!: string;

  @Column({ type: 'text' })
  metric!: QuotaMetric;

  /** ISO 4217, for spend alone; counts are then in micro-units of it. */
  @Column({ type: 'text', nullable: true })
  currency!: string | null;

  /** What is measured, in full: an amendment that gives the quota's id to another measure gives it another window. */
  @Column({ type: 'text' })
  measure!: string;

  /** How long it is, for a window that slides; then its counts are the sum of the buckets from `countedFrom` on. */
  @Column({ type: 'text', nullable: true })
  unit!: RollingUnit | null;

  /** The beginning of the oldest bucket that is in its counts. */
  @Column({ type: 'timestamptz', nullable: true })
  countedFrom!: Date | null;

  /** Whose use is counted together: the id of the agreement, campaign, researcher or key. */
  @Column({ type: 'text' })
  subject!: string;

  @Column({ type: 'timestamptz' })
  startsAt!: Date;

  @Column({ type: 'timestamptz' })
  endsAt!: Date;

  @Column({ type: 'boolean' })
  hard!: boolean;

  @Column({ type: 'bigint' })
  limit!: number;

  /** Reserved by admissions whose use has not been reported yet, and what is left of leases that are not closed. */
  @Column({ type: 'bigint', default: 0 })
  leased!: number;

  /** Settled by reported use, or taken to be used because nothing was reported for so long. */
  @Column({ type: 'bigint', default: 0 })
  used!: number;

  /** Reported use for which a hard window had no room left: it happened, so it is counted, and it is a finding. */
  @Column({ type: 'bigint', default: 0 })
  overrun!: number;

  /** Of used and overrun, what was reserved and is taken to be used because nothing was reported. */
  @Column({ type: 'bigint', default: 0 })
  assumed!: number;

  /** How many reported uses a window of spend could not count, because the model had no price in its currency. */
  @Column({ type: 'bigint', default: 0 })
  unpriced!: number;
}
