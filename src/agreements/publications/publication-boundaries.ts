import { Injectable, OnModuleInit } from '@nestjs/common';
import { EntityManager, LessThanOrEqual } from 'typeorm';
import { Boundary, Sweeper } from '../sweep/sweeper.js';
import { PublicationReview } from './publication-review.entity.js';

/** The event that a manuscript was cleared because nobody objected in time. */
export const silenceEvent = 'publication.cleared_by_silence';

/** That the time for objections ran out in silence, which clears a manuscript. */
@Injectable()
export class PublicationBoundaries implements OnModuleInit {
  constructor(private readonly sweeper: Sweeper) {}

  onModuleInit(): void {
    this.sweeper.register(silent);
  }
}

async function silent(manager: EntityManager, at: Date): Promise<Boundary[]> {
  const reviews = await manager.findBy(PublicationReview, { state: 'under_review', reviewBy: LessThanOrEqual(at) });
  return reviews.map(({ id, subject, reviewBy, manuscriptDigest }) => ({
    subject,
    event: silenceEvent,
    boundary: reviewBy,
    detail: { manuscriptDigest },
    apply: async (change) => {
      const review = await change.lock(PublicationReview, id);
      // Extended or objected to, in time, by a change that ended after it was read.
      return review.statusAt(change.at) === 'cleared_by_silence';
    },
  }));
}
