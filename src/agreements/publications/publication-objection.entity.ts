import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { Publication } from '../../terms/terms.js';

export type PublicationGround = Publication['grounds'][number];

/** Every ground that terms may name. That a finding is unwelcome is none. */
export const publicationGrounds = [
  'factual_error',
  'confidential_information',
  'hazardous_detail',
  'third_party_rights',
] as const satisfies readonly PublicationGround[];

/** One objection to a manuscript: what is wrong with which passage, on a ground of the terms. Only ever inserted. */
@Entity()
@Index('ix_publication_objection_review', ['reviewId', 'id'])
export class PublicationObjection {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @ForeignKey('PublicationReview', { name: 'fk_publication_objection_review' })
  @Column({ type: 'uuid' })
  reviewId!: string;

  @Column({ type: 'text' })
  ground!: PublicationGround;

  /** The passage that is objected to, or where it stands. */
  @Column({ type: 'text' })
  passage!: string;

  @Column({ type: 'text' })
  detail!: string;

  @Column({ type: 'text' })
  objectedBy!: string;

  @Column({ type: 'timestamptz' })
  objectedAt!: Date;
}
