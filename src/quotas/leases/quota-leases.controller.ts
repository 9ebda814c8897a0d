import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Actor } from '../../kernel/actor.js';
import { By } from '../../http/by.js';
import { Page } from '../../http/paging.js';
import { Answers, IdParam, Permit } from '../../http/route.js';
import { QuotaLeaseAnswer, QuotaLeaseQuery, ReleaseLease } from './quota-leases.dto.js';
import { QuotaLeases, ToldLease } from './quota-leases.service.js';

@ApiTags('quotas')
@Controller('v1/quota-leases')
export class QuotaLeasesController {
  constructor(private readonly leases: QuotaLeases) {}

  @Get()
  @Permit('quota.read')
  @Answers('What was lent of the quota windows that you may see, newest first.', QuotaLeaseAnswer, {
    page: true,
    problems: ['invalid_request'],
  })
  list(@By() actor: Actor, @Query() query: QuotaLeaseQuery): Promise<Page<ToldLease>> {
    return this.leases.list(actor, query);
  }

  @Post(':id/release')
  @Permit('quota_lease.release')
  @Answers('Give back what is left of a quarantined lease: nothing more was used of it.', QuotaLeaseAnswer, {
    status: 201,
    problems: ['not_found', 'move_not_allowed', 'invalid_request'],
  })
  release(@By() actor: Actor, @IdParam() id: string, @Body() body: ReleaseLease): Promise<ToldLease> {
    return this.leases.release(actor, id, body);
  }
}
