import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Actor } from '../../kernel/actor.js';
import { By } from '../../http/by.js';
import { Page, PageQuery } from '../../http/paging.js';
import { Answers, IdParam, Permit } from '../../http/route.js';
import { CheckAnswer, RecordCheck } from './checks.dto.js';
import { ChecksService } from './checks.service.js';
import { PartnerCheck } from './partner-check.entity.js';

@ApiTags('partners')
@Controller('v1/partners/:id/checks')
export class ChecksController {
  constructor(private readonly checks: ChecksService) {}

  @Get()
  @Permit('partner.read_checks')
  @Answers('The checks of due diligence on a partner, newest first.', CheckAnswer, {
    page: true,
    problems: ['invalid_request', 'not_found'],
  })
  list(@By() actor: Actor, @IdParam() id: string, @Query() query: PageQuery): Promise<Page<PartnerCheck>> {
    return this.checks.list(actor, id, query);
  }

  @Post()
  @Permit('partner.record_check')
  @Answers('Record a check of due diligence; the newest of its kind counts.', CheckAnswer, {
    status: 201,
    problems: ['invalid_request', 'not_found', 'move_not_allowed', 'version_mismatch'],
  })
  record(@By() actor: Actor, @IdParam() id: string, @Body() body: RecordCheck): Promise<PartnerCheck> {
    return this.checks.record(actor, id, body);
  }
}
