import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Actor } from '../kernel/actor.js';
import { AgreementQuery } from '../campaigns/campaigns.dto.js';
import { By } from '../http/by.js';
import { Page } from '../http/paging.js';
import { Answers, Permit } from '../http/route.js';
import { QuotaWindows, ToldWindow } from './quota-windows.service.js';
import { QuotaWindowAnswer } from './quotas.dto.js';

@ApiTags('quotas')
@Controller('v1/quota-windows')
export class QuotasController {
  constructor(private readonly windows: QuotaWindows) {}

  @Get()
  @Permit('quota.read')
  @Answers('The quota windows that you may see, newest first, with what is left.', QuotaWindowAnswer, {
    page: true,
    problems: ['invalid_request'],
  })
  list(@By() actor: Actor, @Query() query: AgreementQuery): Promise<Page<ToldWindow>> {
    return this.windows.list(actor, query);
  }
}
