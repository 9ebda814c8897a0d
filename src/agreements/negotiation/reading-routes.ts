import { Body, Get, Post, Query } from '@nestjs/common';
import { By } from '../../http/by.js';
import { Page, PageQuery } from '../../http/paging.js';
import { Answers, IdParam, NumberParam, Permit, Sends } from '../../http/route.js';
import { Actor } from '../../kernel/actor.js';
import { AgreementRevision } from './agreement-revision.entity.js';
import { ClauseComment } from './clause-comment.entity.js';
import { NegotiatedText } from './negotiated-text.js';
import {
  CommentAnswer,
  CommentQuery,
  RedlineAnswer,
  RedlineQuery,
  RevisionAnswer,
  TransitionAnswer,
  WriteComment,
} from './negotiation.dto.js';
import { ReadingsService, TextRedline } from './readings.service.js';
import { redlinePage } from './redline.page.js';
import { TextTransition } from './text-transition.entity.js';

const problems = ['invalid_request', 'not_found'] as const;

/** The routes by which a text is read: its revisions, what changed between them, remarks on it, and its history. */
export abstract class ReadingRoutes {
  constructor(private readonly readings: ReadingsService) {}

  /** The text, if it exists for the actor. */
  protected abstract text(actor: Actor, id: string): Promise<NegotiatedText & { title: string }>;

  @Get(':id/revisions/:number')
  @Permit('agreement.read')
  @Answers('One revision: its prose, terms and digest.', RevisionAnswer, { problems: ['not_found'] })
  async revision(
    @By() actor: Actor,
    @IdParam() id: string,
    @NumberParam('number') number: number,
  ): Promise<AgreementRevision> {
    return this.readings.revision(actor, await this.text(actor, id), number);
  }

  @Get(':id/revisions/:number/canonical')
  @Permit('agreement.read')
  @Sends('The exact bytes (RFC 8785) that the digest is of, and that a signature covers.', 'application/json', [
    'not_found',
  ])
  async canonical(@By() actor: Actor, @IdParam() id: string, @NumberParam('number') number: number): Promise<string> {
    const { canonical } = await this.readings.revision(actor, await this.text(actor, id), number);
    return canonical.toString();
  }

  @Get(':id/redline')
  @Permit('agreement.read')
  @Answers('What changed from one revision to another, in the terms and in the words.', RedlineAnswer, { problems })
  async redline(@By() actor: Actor, @IdParam() id: string, @Query() { from, to }: RedlineQuery): Promise<TextRedline> {
    return this.readings.redline(actor, await this.text(actor, id), Number(from), Number(to));
  }

  @Get(':id/redline/page')
  @Permit('agreement.read')
  @Sends('The same as a page, to read or print.', 'text/html; charset=utf-8', problems)
  async redlinePage(@By() actor: Actor, @IdParam() id: string, @Query() { from, to }: RedlineQuery): Promise<string> {
    const text = await this.text(actor, id);
    return redlinePage({ title: text.title, ...(await this.readings.redline(actor, text, Number(from), Number(to))) });
  }

  @Post(':id/comments')
  @Permit('agreement.comment')
  @Answers('Remark on a clause of a revision.', CommentAnswer, { status: 201, problems })
  async comment(@By() actor: Actor, @IdParam() id: string, @Body() body: WriteComment): Promise<ClauseComment> {
    return this.readings.comment(actor, await this.text(actor, id), body);
  }

  @Get(':id/comments')
  @Permit('agreement.read')
  @Answers('The remarks that you may read, newest first.', CommentAnswer, { page: true, problems })
  async comments(
    @By() actor: Actor,
    @IdParam() id: string,
    @Query() query: CommentQuery,
  ): Promise<Page<ClauseComment>> {
    return this.readings.comments(actor, await this.text(actor, id), query);
  }

  @Get(':id/history')
  @Permit('agreement.read')
  @Answers('Every move since the first draft, newest first.', TransitionAnswer, { page: true, problems })
  async history(@By() actor: Actor, @IdParam() id: string, @Query() query: PageQuery): Promise<Page<TextTransition>> {
    return this.readings.history(actor, await this.text(actor, id), query);
  }
}
