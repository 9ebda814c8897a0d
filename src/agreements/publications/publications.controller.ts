import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { By } from '../../http/by.js';
import { Page } from '../../http/paging.js';
import { Answers, IdParam, Permit } from '../../http/route.js';
import { Actor } from '../../kernel/actor.js';
import { GiveReason } from '../negotiation/negotiation.dto.js';
import { commandProblems } from '../negotiation/text-routes.js';
import {
  ObjectToManuscript,
  PublicationReviewAnswer,
  ReviewQuery,
  ReviewWithObjectionsAnswer,
  SubmitManuscript,
} from './publications.dto.js';
import { PublicationsService, ReviewView, ReviewWithObjections } from './publications.service.js';

const created = { status: 201, problems: commandProblems };
const byTheTerms = { status: 201, problems: [...commandProblems, 'outside_agreement' as const] };

@ApiTags('publication reviews')
@Controller('v1')
export class PublicationsController {
  constructor(private readonly publications: PublicationsService) {}

  @Post('agreements/:id/publication-reviews')
  @Permit('publication_review.submit')
  @Answers('Submit a manuscript for review, which starts its clock.', PublicationReviewAnswer, created)
  submit(@By() actor: Actor, @IdParam() id: string, @Body() body: SubmitManuscript): Promise<ReviewView> {
    return this.publications.submit(actor, id, body);
  }

  @Get('publication-reviews')
  @Permit('publication_review.read')
  @Answers('The reviews that you may see, newest first.', PublicationReviewAnswer, {
    page: true,
    problems: ['invalid_request'],
  })
  list(@By() actor: Actor, @Query() query: ReviewQuery): Promise<Page<ReviewView>> {
    return this.publications.list(actor, query);
  }

  @Get('publication-reviews/:id')
  @Permit('publication_review.read')
  @Answers('One review, with its objections.', ReviewWithObjectionsAnswer, { problems: ['not_found'] })
  find(@By() actor: Actor, @IdParam() id: string): Promise<ReviewWithObjections> {
    return this.publications.find(actor, id);
  }

  @Post('publication-reviews/:id/extension')
  @Permit('publication_review.extend')
  @Answers('Take the one extension that the terms give.', PublicationReviewAnswer, byTheTerms)
  extend(@By() actor: Actor, @IdParam() id: string, @Body() body: GiveReason): Promise<ReviewView> {
    return this.publications.extend(actor, id, body.reason);
  }

  @Post('publication-reviews/:id/objections')
  @Permit('publication_review.object')
  @Answers('Object to a passage on a ground of the terms.', PublicationReviewAnswer, byTheTerms)
  object(@By() actor: Actor, @IdParam() id: string, @Body() body: ObjectToManuscript): Promise<ReviewView> {
    return this.publications.object(actor, id, body);
  }

  @Post('publication-reviews/:id/clearance')
  @Permit('publication_review.clear')
  @Answers('Clear the manuscript, or drop the objections to it.', PublicationReviewAnswer, created)
  clear(@By() actor: Actor, @IdParam() id: string): Promise<ReviewView> {
    return this.publications.clear(actor, id);
  }

  @Post('publication-reviews/:id/withdrawal')
  @Permit('publication_review.withdraw')
  @Answers('Withdraw a manuscript from review.', PublicationReviewAnswer, created)
  withdraw(@By() actor: Actor, @IdParam() id: string, @Body() body: GiveReason): Promise<ReviewView> {
    return this.publications.withdraw(actor, id, body.reason);
  }
}
