import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

export const checkKinds = ['sanctions', 'conflict'] as const;
export const checkOutcomes = ['clear', 'accepted_risk', 'blocked'] as const;

/** What decides about a partner: the newest check of a kind. */
export type NewestCheck = Pick<PartnerCheck, 'kind' | 'number' | 'outcome' | 'source' | 'checkedBy' | 'checkedAt'>;

/** One check of due diligence. Rows are only ever added: a newer one of the same kind supersedes it. */
@Entity()
@Index('uq_partner_check_number', ['organisationId', 'number'], { unique: true })
@Check('ck_partner_check_outcome', "outcome IN ('clear', 'accepted_risk', 'blocked')")
@Check('ck_partner_check_kind', "kind IN ('sanctions', 'conflict')")
export class PartnerCheck {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @ForeignKey('PartnerOrganisation', { name: 'fk_partner_check_organisation' })
  @Column({ type: 'uuid' })
  organisationId!: string;

  /** Counts the organisation's checks from 1: which is newer does not hang on the clocks of two nodes. */
  @Column({ type: 'integer' })
  number!: number;

  @Column({ type: 'text' })
  kind!: (typeof checkKinds)[number];

  @Column({ type: 'text' })
  outcome!: (typeof checkOutcomes)[number];

  /** What was consulted. */
  @Column({ type: 'text' })
  source!: string;

  /** The lab's own note; no partner sees it. */
  @Column({ type: 'text', nullable: true })
  note!: string | null;

  @Column({ type: 'text' })
  checkedBy!: string;

  @Column({ type: 'timestamptz' })
  checkedAt!: Date;
}
