import { Injectable } from '@nestjs/common';
import { DataSource, LessThan, MoreThanOrEqual } from 'typeorm';
import { Changes } from '../../audit/changes.js';
import { Page, page, pageBounds, PageQuery } from '../../http/paging.js';
import { Actor } from '../../kernel/actor.js';
import { Refusal } from '../../kernel/refusal.js';
import { ClauseRedline, proseRedline } from '../../terms/prose-redline.js';
import { redline, RedlineEntry } from '../../terms/redline.js';
import { AgreementRevision } from './agreement-revision.entity.js';
import { ClauseComment } from './clause-comment.entity.js';
import { NegotiatedText, NegotiatingSide } from './negotiated-text.js';
import { CommentQuery, WriteComment } from './negotiation.dto.js';
import { RevisionsService } from './revisions.service.js';
import { TextTransition } from './text-transition.entity.js';

/** Two revisions side by side: what changed in the terms, and in the words. */
export interface TextRedline {
  before: { number: number; digest: string };
  after: { number: number; digest: string };
  terms: RedlineEntry[];
  prose: ClauseRedline[];
}

/** Reads what was written about a text: revisions, what changed between them, remarks, and its history. */
@Injectable()
export class ReadingsService {
  constructor(
    private readonly changes: Changes,
    private readonly database: DataSource,
    private readonly revisions: RevisionsService,
  ) {}

  revision(actor: Actor, text: NegotiatedText, number: number): Promise<AgreementRevision> {
    return this.revisions.find(this.database.manager, actor, text, number);
  }

  /** What changed from one revision to another; either may be the earlier one. */
  async redline(actor: Actor, text: NegotiatedText, from: number, to: number): Promise<TextRedline> {
    const [before, after] = [await this.revision(actor, text, from), await this.revision(actor, text, to)];
    return {
      before: { number: before.number, digest: before.digest },
      after: { number: after.number, digest: after.digest },
      terms: redline(before.terms, after.terms),
      prose: proseRedline(before.prose, after.prose),
    };
  }

  /** Adds a remark on a clause of a revision that the actor may read. */
  comment(actor: Actor, text: NegotiatedText, body: WriteComment): Promise<ClauseComment> {
    return this.changes.run(actor, async (change) => {
      const revision = await this.revisions.find(change.manager, actor, text, body.revisionNumber).catch(() => null);
      if (!revision) throw absent('/revisionNumber', 'no such revision', 'the number of a revision');
      if (!revision.prose.some(({ clauseId }) => clauseId === body.clauseId)) {
        const clauses = revision.prose.map(({ clauseId }) => clauseId).join(', ');
        throw absent('/clauseId', `no clause ${body.clauseId} in revision ${revision.number}`, `one of: ${clauses}`);
      }
      const comment = change.manager.create(ClauseComment, {
        ...body,
        id: change.newId(),
        agreementId: text.ofAgreement,
        textId: text.id,
        authorId: actor.id,
        authorName: actor.name,
        authorSide: actor.side as NegotiatingSide,
        at: change.at,
      });
      await change.save(comment);
      const own = body.audience === 'own_party' && actor.side === 'lab';
      const { revisionNumber, clauseId } = body;
      const subject = own ? { ...text.subject, organisationId: null } : text.subject;
      await change.record(`${text.moves.thing}.commented`, subject, {
        commentId: comment.id,
        revisionNumber,
        clauseId,
      });
      return comment;
    });
  }

  /** The remarks that the actor may read, newest first. */
  async comments(actor: Actor, text: NegotiatedText, query: CommentQuery): Promise<Page<ClauseComment>> {
    const bounds = pageBounds(query);
    const readable = [{ audience: 'both_parties' as const }, { authorSide: actor.side as NegotiatingSide }];
    const comments = await this.database.getRepository(ClauseComment).find({
      where: readable.map((audience) => ({
        ...audience,
        textId: text.id,
        ...(actor.side === 'partner' && { revisionNumber: MoreThanOrEqual(text.proposedNumber ?? Infinity) }),
        ...(query.clauseId !== undefined && { clauseId: query.clauseId }),
        ...(bounds.before !== null && { id: LessThan(bounds.before) }),
      })),
      order: { id: 'DESC' },
      take: bounds.take,
    });
    return page(comments, bounds);
  }

  /** Every move of the text, newest first; the partner sees those from the first proposal on. */
  async history(actor: Actor, text: NegotiatedText, query: PageQuery): Promise<Page<TextTransition>> {
    const bounds = pageBounds(query);
    const moves = await this.database.getRepository(TextTransition).find({
      where: {
        textId: text.id,
        ...(actor.side === 'partner' && { shown: true }),
        ...(bounds.before !== null && { id: LessThan(bounds.before) }),
      },
      order: { id: 'DESC' },
      take: bounds.take,
    });
    return page(moves, bounds);
  }
}

function absent(pointer: string, what: string, expected: string): Refusal {
  return new Refusal('invalid_request', `There is ${what}.`, { pointer, expected });
}
