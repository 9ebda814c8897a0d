import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** A closed period as it was sealed. Rows are only ever inserted. */
@Entity({ name: 'statement' })
@Index('uq_statement_period', ['agreementId', 'kind', 'startsAt'], { unique: true })
@Index('uq_statement_number', ['agreementId', 'kind', 'number'], { unique: true })
@Index('ix_statement_organisation', ['organisationId', 'id'])
export class StatementRecord {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @ForeignKey('PartnerOrganisation', { name: 'fk_statement_organisation' })
  @Column({ type: 'uuid' })
  organisationId!: string;

  @ForeignKey('Agreement', { name: 'fk_statement_agreement' })
  @Column({ type: 'uuid' })
  agreementId!: string;

  @Column({ type: 'text' })
  kind!: 'day' | 'month';

  /** Counts statements of this kind under this agreement from 1. */
  @Column({ type: 'integer' })
  number!: number;

  @Column({ type: 'timestamptz' })
  startsAt!: Date;

  @Column({ type: 'timestamptz' })
  endsAt!: Date;

  @Column({ type: 'timestamptz' })
  closedAt!: Date;

  /** The last batch of usage that it covers; later ones are corrections in the next statement. */
  @Column({ type: 'bigint' })
  lastBatch!: number;

  @Column({ type: 'integer' })
  findings!: number;

  /** SHA-256 of the sealed bytes. */
  @Column({ type: 'text' })
  digest!: string;

  /** The sealed statement, byte for byte as everyone gets it. */
  @Column({ type: 'bytea', select: false })
  sealed!: Buffer;
}
