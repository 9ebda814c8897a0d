import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Change } from '../../audit/change.js';
import { Changes } from '../../audit/changes.js';
import { findOwned, pageOfOwned } from '../../audit/owned.js';
import { Page } from '../../http/paging.js';
import { Actor } from '../../kernel/actor.js';
import { afterBusinessDays } from '../../kernel/business-days.js';
import { Clock } from '../../kernel/clock.js';
import { Refusal } from '../../kernel/refusal.js';
import { Publication } from '../../terms/terms.js';
import { Agreement } from '../agreement.entity.js';
import { lastHeld } from '../status.js';
import { BoundaryEvent } from '../sweep/boundary-event.entity.js';
import { VersionHead, VersionsService } from '../versions.service.js';
import { silenceEvent } from './publication-boundaries.js';
import { PublicationObjection } from './publication-objection.entity.js';
import { PublicationReview, ReviewStatus } from './publication-review.entity.js';
import { ObjectToManuscript, ReviewQuery, SubmitManuscript } from './publications.dto.js';

export type ReviewView = PublicationReview & { status: ReviewStatus; allowedActions: string[] };
export type ReviewWithObjections = ReviewView & { objections: PublicationObjection[] };

/** The lab's review of what the partner wants to publish: on closed grounds, in a time after which silence clears. */
@Injectable()
export class PublicationsService {
  constructor(
    private readonly changes: Changes,
    private readonly database: DataSource,
    private readonly clock: Clock,
    private readonly versions: VersionsService,
  ) {}

  /** Submits a manuscript, which starts the clock. The right to publish, and the review, outlive the agreement. */
  submit(actor: Actor, agreementId: string, body: SubmitManuscript): Promise<ReviewView> {
    return this.changes.run(actor, async (change) => {
      const agreement = await change.hold(Agreement, agreementId);
      const { number: versionNumber, terms } = await this.versionFor(change, agreement);
      const { title, manuscriptDigest, link = null, previousReviewId = null } = body;
      if (previousReviewId !== null) await assertObjected(change, agreementId, previousReviewId);
      const { reviewBusinessDays, timezone } = terms.publication;
      const review = change.manager.create(PublicationReview, {
        id: change.newId(),
        organisationId: agreement.organisationId,
        agreementId,
        versionNumber,
        title,
        manuscriptDigest,
        link,
        previousReviewId,
        state: PublicationReview.moves.initial,
        submittedBy: actor.id,
        submittedAt: change.at,
        reviewBy: afterBusinessDays(change.at, reviewBusinessDays, timezone),
        extendedAt: null,
        extensionReason: null,
        decidedAt: null,
        version: 1,
      });
      await change.save(review);
      const { reviewBy } = review;
      const detail = { agreementId, versionNumber, title, manuscriptDigest, previousReviewId, reviewBy };
      await change.record('publication_review.submitted', review.subject, detail);
      return view(actor, review, change.at);
    });
  }

  /** Takes the one extension of the terms. */
  extend(actor: Actor, id: string, reason: string): Promise<ReviewView> {
    return this.command(actor, id, async (change, review) => {
      const { clauseRef, reviewBusinessDays, extensionBusinessDays, timezone } = await this.termsOf(change, review);
      const days = reviewBusinessDays + extensionBusinessDays;
      const reviewBy = afterBusinessDays(review.submittedAt, days, timezone);
      const event = review.extend(reason, reviewBy, change.at);
      if (extensionBusinessDays === 0) {
        throw new Refusal('outside_agreement', `Clause ${clauseRef} gives no extension.`);
      }
      return [event, { reason, reviewBy }];
    });
  }

  /** Objects to a passage on one of the grounds of the terms; the list is closed, whatever the findings are. */
  object(actor: Actor, id: string, body: ObjectToManuscript): Promise<ReviewView> {
    return this.command(actor, id, async (change, review) => {
      const event = review.object(change.at);
      const { ground, passage, detail } = body;
      const { clauseRef, grounds } = await this.termsOf(change, review);
      if (!grounds.includes(ground)) {
        const expected = grounds.length > 0 ? `one of: ${grounds.join(', ')}` : 'none; the terms name no ground';
        const why = `Clause ${clauseRef} gives no such ground to object.`;
        throw new Refusal('outside_agreement', why, { pointer: '/ground', expected });
      }
      const objection = change.manager.create(PublicationObjection, {
        id: change.newId(),
        reviewId: id,
        ground,
        passage,
        detail,
        objectedBy: actor.id,
        objectedAt: change.at,
      });
      await change.save(objection);
      return [event, { objectionId: objection.id, ground, passage, detail }];
    });
  }

  clear(actor: Actor, id: string): Promise<ReviewView> {
    return this.command(actor, id, ({ at }, review) => [review.clear(at), {}]);
  }

  withdraw(actor: Actor, id: string, reason: string): Promise<ReviewView> {
    return this.command(actor, id, ({ at }, review) => [review.withdraw(actor, at), { reason }]);
  }

  async find(actor: Actor, id: string): Promise<ReviewWithObjections> {
    const review = await findOwned(this.database, PublicationReview, actor, id);
    const order = { id: 'ASC' } as const;
    const objections = await this.database.manager.find(PublicationObjection, { where: { reviewId: id }, order });
    return Object.assign(view(actor, review, this.clock.now()), { objections });
  }

  async list(actor: Actor, { agreementId, ...query }: ReviewQuery): Promise<Page<ReviewView>> {
    const where = agreementId === undefined ? {} : { agreementId };
    const { data, nextCursor } = await pageOfOwned(this.database, PublicationReview, { actor, query, where });
    return { data: data.map((review) => view(actor, review, this.clock.now())), nextCursor };
  }

  private command(
    actor: Actor,
    id: string,
    tell: (change: Change, review: PublicationReview) => Told | Promise<Told>,
  ): Promise<ReviewView> {
    return this.changes.run(actor, async (change) => {
      const review = await change.hold(PublicationReview, id);
      await assertNotTold(change, review);
      const [event, detail] = await tell(change, review);
      await change.save(review);
      await change.record(event, review.subject, detail);
      return view(actor, review, change.at);
    });
  }

  private async versionFor(change: Change, agreement: Agreement): Promise<VersionHead> {
    const versions = (await this.versions.of(change.manager, [agreement.id])).get(agreement.id) ?? [];
    const version = lastHeld(versions, agreement.endedAt, change.at);
    if (version === null) throw new Refusal('move_not_allowed', 'The agreement has never been in force.');
    return version;
  }

  private async termsOf(change: Change, { agreementId, versionNumber }: PublicationReview): Promise<Publication> {
    return (await this.versions.numbered(change.manager, agreementId, versionNumber)).terms.publication;
  }
}

/** Nodes' clocks differ a little: where one has told that silence cleared it, it stays so on another that is behind. */
async function assertNotTold(change: Change, review: PublicationReview): Promise<void> {
  const { kind: subjectKind, id: subjectId } = review.subject;
  if (await change.manager.existsBy(BoundaryEvent, { subjectKind, subjectId, event: silenceEvent })) {
    throw review.silence();
  }
}

/** The event that a command leaves, and its detail. */
type Told = [event: string, detail: Record<string, unknown>];

function view(actor: Actor, review: PublicationReview, at: Date): ReviewView {
  return Object.assign(review, { status: review.statusAt(at), allowedActions: review.allowedTo(actor, at) });
}

/** What answers objections answers a review of the same agreement that met with some. */
async function assertObjected(change: Change, agreementId: string, id: string): Promise<void> {
  if (await change.manager.existsBy(PublicationReview, { id, agreementId, state: 'objected' })) return;
  const expected = 'the id of a review under this agreement that met with objections';
  throw new Refusal('invalid_request', 'There are no objections there to answer.', {
    pointer: '/previousReviewId',
    expected,
  });
}
