import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { By } from '../../http/by.js';
import { Page } from '../../http/paging.js';
import { Answers, IdParam, Permit } from '../../http/route.js';
import { Actor } from '../../kernel/actor.js';
import { NameDigest } from '../negotiation/negotiation.dto.js';
import { commandProblems, textRoutes } from '../negotiation/text-routes.js';
import { ReadingRoutes } from '../negotiation/reading-routes.js';
import { ReadingsService } from '../negotiation/readings.service.js';
import { AmendmentTexts, AmendmentView } from './amendment-texts.js';
import { Amendment } from './amendment.entity.js';
import { AmendmentAnswer, AmendmentQuery, CreateAmendment } from './amendments.dto.js';
import { AmendmentsService } from './amendments.service.js';

@ApiTags('amendments')
@Controller('v1/agreements/:id/amendments')
export class AgreementAmendmentsController {
  constructor(private readonly amendments: AmendmentsService) {}

  @Post()
  @Permit('amendment.create')
  @Answers('Draft a change of an executed agreement.', AmendmentAnswer, { status: 201, problems: commandProblems })
  create(@By() actor: Actor, @IdParam() id: string, @Body() body: CreateAmendment): Promise<AmendmentView> {
    return this.amendments.create(actor, id, body);
  }
}

@ApiTags('amendments')
@Controller('v1/amendments')
export class AmendmentsController extends textRoutes<AmendmentView>('amendment', AmendmentAnswer) {
  constructor(
    private readonly amendments: AmendmentsService,
    private readonly texts: AmendmentTexts,
  ) {
    super(texts);
  }

  @Get()
  @Permit('agreement.read')
  @Answers('The amendments that you may see, newest first.', AmendmentAnswer, {
    page: true,
    problems: ['invalid_request'],
  })
  list(@By() actor: Actor, @Query() query: AmendmentQuery): Promise<Page<AmendmentView>> {
    return this.amendments.list(actor, query);
  }

  @Get(':id')
  @Permit('agreement.read')
  @Answers('One amendment.', AmendmentAnswer, { problems: ['not_found'] })
  find(@By() actor: Actor, @IdParam() id: string): Promise<AmendmentView> {
    return this.amendments.find(actor, id);
  }

  @Post(':id/submission')
  @Permit('amendment.submit')
  @Answers('Submit an administrative or protective amendment for approval.', AmendmentAnswer, {
    status: 201,
    problems: commandProblems,
  })
  submit(@By() actor: Actor, @IdParam() id: string): Promise<AmendmentView> {
    return this.texts.submit(actor, id);
  }

  @Post(':id/acknowledgement')
  @Permit('amendment.acknowledge')
  @Answers('Acknowledge an administrative amendment, which executes it.', AmendmentAnswer, {
    status: 201,
    receipt: true,
    problems: [...commandProblems, 'digest_mismatch'],
  })
  acknowledge(@By() actor: Actor, @IdParam() id: string, @Body() body: NameDigest): Promise<AmendmentView> {
    return this.texts.acknowledge(actor, id, body.digest);
  }
}

@ApiTags('amendments')
@Controller('v1/amendments')
export class AmendmentReadingsController extends ReadingRoutes {
  constructor(
    private readonly amendments: AmendmentsService,
    readings: ReadingsService,
  ) {
    super(readings);
  }

  protected async text(actor: Actor, id: string): Promise<Amendment & { title: string }> {
    const amendment = await this.amendments.find(actor, id);
    return Object.assign(amendment, { title: `Amendment to version ${amendment.baseNumber}` });
  }
}
