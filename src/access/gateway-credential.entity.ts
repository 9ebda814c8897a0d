import { Column, Entity, Index, PrimaryColumn, VersionColumn } from 'typeorm';
import { Actor } from '../kernel/actor.js';
import { Subject } from '../audit/change.js';

/** What an inference gateway authenticates with. The secret is shown once and kept as a hash. */
@Entity()
@Index('uq_gateway_credential_secret_hash', ['secretHash'], { unique: true })
export class GatewayCredential {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  /** The gateway's name; usage events carry it as their source. */
  @Column({ type: 'text' })
  name!: string;

  /** SHA-256 of the whole credential; 256 random bits need no slow hash. */
  @Column({ type: 'bytea' })
  secretHash!: Buffer;

  @Column({ type: 'timestamptz' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', nullable: true })
  revokedAt!: Date | null;

  @VersionColumn({ type: 'integer' })
  version!: number;

  /** Gateways are the lab's own. */
  readonly organisationId: null = null;

  get subject(): Subject {
    return { kind: 'gateway_credential', id: this.id, organisationId: null };
  }

  get actor(): Actor {
    const { id, name } = this;
    return {
      kind: 'gateway',
      id,
      name,
      side: 'machine',
      organisationId: null,
      roles: ['gateway'],
      authenticatedAt: null,
    };
  }
}
