import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** That a node applied every change up to a position; written after it did, so its instant is never too early. */
@Entity()
@Index('ix_node_receipt_position', ['position'])
export class NodeReceipt {
  @ForeignKey('GatewayNode', { name: 'fk_node_receipt_node' })
  @PrimaryColumn({ type: 'uuid' })
  nodeId!: string;

  @PrimaryColumn({ type: 'bigint' })
  position!: number;

  /** By the clock of the database. */
  @Column({ type: 'timestamptz' })
  appliedAt!: Date;
}
