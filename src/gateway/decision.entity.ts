import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** One admission decision. An allowed one is the authorization that its usage event cites. Rows are never deleted. */
@Entity()
@Check('ck_decision_record_reserved', 'cardinality(reserved) = cardinality(window_ids)')
@Check('ck_decision_record_repeated', "repeated >= 1 AND (repeated = 1 OR code <> 'allowed')")
@Index('ix_decision_unreported', ['at'], {
  where: "code = 'allowed' AND settled_at IS NULL AND assumed_at IS NULL",
})
@Index('ix_decision_agreement', ['agreementId', 'at'])
@Index('ix_decision_place', ['at'], { where: 'holds_place' })
@Index('ix_decision_key', ['keyId', 'at'], { where: "code = 'allowed'" })
export class DecisionRecord {
  /** The authorization's id. */
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ type: 'timestamptz' })
  at!: Date;

  @Column({ type: 'uuid' })
  gatewayId!: string;

  /** Null where no key could be told from what was presented. */
  @Column({ type: 'uuid', nullable: true })
  keyId!: string | null;

  @Column({ type: 'uuid', nullable: true })
  agreementId!: string | null;

  @Column({ type: 'integer', nullable: true })
  agreementVersion!: number | null;

  @Column({ type: 'text' })
  model!: string;

  @Column({ type: 'text' })
  endpoint!: string;

  @Column({ type: 'text', nullable: true })
  address!: string | null;

  /** The run that the traffic named. */
  @Column({ type: 'text', nullable: true })
  run!: string | null;

  @Column({ type: 'text' })
  code!: string;

  /** Every failing rule of a refusal; null for an allowance. */
  @Column({ type: 'jsonb', nullable: true })
  reasons!: object | null;

  @Column({ type: 'bigint' })
  inputTokens!: number;

  /** The upper bound that was reserved. */
  @Column({ type: 'bigint' })
  outputTokens!: number;

  /** The quota windows that hold the reservation. */
  @Column({ type: 'uuid', array: true })
  windowIds!: string[];

  /** What is reserved in each of them, in the same order and in units of its metric. */
  @Column({ type: 'bigint', array: true })
  reserved!: number[];

  /** The instant at which windows that slide counted it: `at`, or later where a node with another clock was ahead. */
  @Column({ type: 'timestamptz' })
  countedAt!: Date;

  /** Whether it holds a place of a limit on concurrent requests: until its use is reported, or taken to be over. */
  @Column({ type: 'boolean', default: false })
  holdsPlace!: boolean;

  /** How many refusals of one moment, alike in all that is kept of them, this row stands for. */
  @Column({ type: 'integer', default: 1 })
  repeated!: number;

  /** When a usage event settled it; null while the reservation stands. */
  @Column({ type: 'timestamptz', nullable: true })
  settledAt!: Date | null;

  /** When what it reserved was taken to be used, because nothing was reported; a later report corrects it. */
  @Column({ type: 'timestamptz', nullable: true })
  assumedAt!: Date | null;
}
