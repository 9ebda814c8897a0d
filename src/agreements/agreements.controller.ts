import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Actor } from '../kernel/actor.js';
import { By } from '../http/by.js';
import { Page, PageQuery } from '../http/paging.js';
import { Answers, IdParam, Permit } from '../http/route.js';
import { Suspension } from '../suspensions/suspension.entity.js';
import { SuspensionAnswer } from '../suspensions/suspensions.dto.js';
import { AgreementTexts } from './agreement-texts.js';
import { AgreementView } from './agreement-views.js';
import { AgreementAnswer, AgreementMoment, CreateAgreement, SuspendAgreement } from './agreements.dto.js';
import { AgreementsService } from './agreements.service.js';
import { textRoutes } from './negotiation/text-routes.js';
import { ReadingRoutes } from './negotiation/reading-routes.js';
import { ReadingsService } from './negotiation/readings.service.js';
import { StoppingService } from './stopping.service.js';

@ApiTags('agreements')
@Controller('v1/agreements')
export class AgreementsController extends textRoutes<AgreementView>('agreement', AgreementAnswer) {
  constructor(
    private readonly agreements: AgreementsService,
    private readonly stopping: StoppingService,
    texts: AgreementTexts,
  ) {
    super(texts);
  }

  @Post()
  @Permit('agreement.create')
  @Answers('Draft an agreement with an active partner.', AgreementAnswer, {
    status: 201,
    problems: ['invalid_request', 'not_found', 'move_not_allowed', 'already_exists'],
  })
  create(@By() actor: Actor, @Body() body: CreateAgreement): Promise<AgreementView> {
    return this.agreements.create(actor, body);
  }

  @Get()
  @Permit('agreement.read')
  @Answers('The agreements that you may see, newest first.', AgreementAnswer, {
    page: true,
    problems: ['invalid_request'],
  })
  list(@By() actor: Actor, @Query() query: PageQuery): Promise<Page<AgreementView>> {
    return this.agreements.list(actor, query);
  }

  @Get(':id')
  @Permit('agreement.read')
  @Answers('One agreement, now or as it stood at an instant of the past.', AgreementAnswer, {
    problems: ['invalid_request', 'not_found'],
  })
  find(@By() actor: Actor, @IdParam() id: string, @Query() { asOf }: AgreementMoment): Promise<AgreementView> {
    return this.agreements.find(actor, id, asOf);
  }

  @Post(':id/suspensions')
  @Permit('agreement.suspend')
  @Answers('Stop the agreement, or one purpose, model or researcher of it, at once.', SuspensionAnswer, {
    status: 201,
    receipt: true,
    problems: ['invalid_request', 'not_found', 'move_not_allowed', 'notice_required'],
  })
  suspend(@By() actor: Actor, @IdParam() id: string, @Body() body: SuspendAgreement): Promise<Suspension> {
    return this.stopping.suspend(actor, id, body);
  }
}

@ApiTags('agreements')
@Controller('v1/agreements')
export class AgreementReadingsController extends ReadingRoutes {
  constructor(
    private readonly agreements: AgreementsService,
    readings: ReadingsService,
  ) {
    super(readings);
  }

  protected text(actor: Actor, id: string): Promise<AgreementView> {
    return this.agreements.find(actor, id);
  }
}
