import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Subject } from '../audit/change.js';

export const severities = ['low', 'medium', 'high'] as const;

/**
 * A discrepancy between what was agreed and what happened. One row for each agreement, rule, subject and period; a
 * later run of the same rule updates it. It can be recomputed by anyone from the versions and digests it names.
 */
@Entity()
@Index('uq_finding_identity', ['agreementId', 'rule', 'subjectKind', 'subjectId', 'periodKind', 'periodStartsAt'], {
  unique: true,
})
@Index('ix_finding_unaccounted', ['subjectId'], { where: "rule = 'usage_unaccounted' AND delta > 0" })
@Index('ix_finding_organisation', ['organisationId', 'id'])
export class Finding {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @ForeignKey('PartnerOrganisation', { name: 'fk_finding_organisation' })
  @Column({ type: 'uuid' })
  organisationId!: string;

  @ForeignKey('Agreement', { name: 'fk_finding_agreement' })
  @Column({ type: 'uuid' })
  agreementId!: string;

  @Column({ type: 'text' })
  rule!: string;

  @Column({ type: 'integer' })
  ruleVersion!: number;

  @Column({ type: 'text' })
  severity!: (typeof severities)[number];

  /** A finding knows its subject only by kind and id. */
  @Column({ type: 'text' })
  subjectKind!: string;

  @Column({ type: 'text' })
  subjectId!: string;

  @Column({ type: 'text' })
  periodKind!: 'day' | 'month';

  @Column({ type: 'timestamptz' })
  periodStartsAt!: Date;

  /** The clause that was not kept. */
  @Column({ type: 'text' })
  clauseRef!: string;

  @Column({ type: 'text' })
  expected!: string;

  @Column({ type: 'text' })
  observed!: string;

  @Column({ type: 'bigint' })
  delta!: number;

  @Column({ type: 'text' })
  unit!: string;

  @Column({ type: 'bigint' })
  occurrences!: number;

  /** The first few occurrences, for whoever looks into it. */
  @Column({ type: 'text', array: true })
  evidence!: string[];

  /** Digest of the agreement version that was judged by. */
  @Column({ type: 'text' })
  termsDigest!: string;

  /** Merkle root of the usage events that were judged. */
  @Column({ type: 'text' })
  usageDigest!: string;

  @Column({ type: 'timestamptz' })
  foundAt!: Date;

  get subject(): Subject {
    return { kind: 'finding', id: this.id, organisationId: this.organisationId };
  }
}
