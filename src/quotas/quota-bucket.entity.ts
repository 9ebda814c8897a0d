import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';

/** What one stretch of a window that slides counted. The window's own row holds the sum of those that still count. */
@Entity()
@Check('ck_quota_bucket_counts', 'leased >= 0 AND used >= 0')
@Check('ck_quota_bucket_assumed', 'assumed >= 0 AND assumed <= used')
export class QuotaBucket {
  @ForeignKey('QuotaWindow', { name: 'fk_quota_bucket_window' })
  @PrimaryColumn({ type: 'uuid' })
  windowId!: string;

  @PrimaryColumn({ type: 'timestamptz' })
  startsAt!: Date;

  /** Reserved by admissions counted in this stretch whose use has not been reported yet. */
  @Column({ type: 'bigint', default: 0 })
  leased!: number;

  /** All use counted in this stretch, reported or assumed. */
  @Column({ type: 'bigint', default: 0 })
  used!: number;

  /** Of that, what is taken to be used because nothing was reported. */
  @Column({ type: 'bigint', default: 0 })
  assumed!: number;
}
