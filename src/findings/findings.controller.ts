import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Actor } from '../kernel/actor.js';
import { By } from '../http/by.js';
import { Page } from '../http/paging.js';
import { Answers, Permit } from '../http/route.js';
import { Finding } from './finding.entity.js';
import { FindingAnswer, FindingQuery } from './findings.dto.js';
import { FindingsService } from './findings.service.js';

@ApiTags('findings')
@Controller('v1/findings')
export class FindingsController {
  constructor(private readonly findings: FindingsService) {}

  @Get()
  @Permit('finding.read')
  @Answers('The findings that you may see, newest first.', FindingAnswer, { page: true, problems: ['invalid_request'] })
  list(@By() actor: Actor, @Query() query: FindingQuery): Promise<Page<Finding>> {
    return this.findings.list(actor, query);
  }
}
