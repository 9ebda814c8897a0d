import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { By } from '../../http/by.js';
import { Page, PageQuery } from '../../http/paging.js';
import { Answers, IdParam, Permit } from '../../http/route.js';
import { Actor } from '../../kernel/actor.js';
import { ApprovalDelegation } from './approval-delegation.entity.js';
import { Delegate, DelegationAnswer } from './delegations.dto.js';
import { DelegationsService } from './delegations.service.js';

@ApiTags('agreements')
@Controller('v1/approval-delegations')
export class DelegationsController {
  constructor(private readonly delegations: DelegationsService) {}

  @Post()
  @Permit('approval_delegation.make')
  @Answers('Let another person speak for a stage of approval, for a time.', DelegationAnswer, {
    status: 201,
    problems: ['invalid_request', 'separation_of_duties'],
  })
  delegate(@By() actor: Actor, @Body() body: Delegate): Promise<ApprovalDelegation> {
    return this.delegations.delegate(actor, body);
  }

  @Get()
  @Permit('approval_delegation.read')
  @Answers('Who stands in for whom, newest first.', DelegationAnswer, { page: true, problems: ['invalid_request'] })
  list(@By() actor: Actor, @Query() query: PageQuery): Promise<Page<ApprovalDelegation>> {
    return this.delegations.list(actor, query);
  }

  @Post(':id/revocation')
  @Permit('approval_delegation.make')
  @Answers('Take your delegation back before its end.', DelegationAnswer, {
    status: 201,
    problems: ['not_found', 'move_not_allowed', 'version_mismatch'],
  })
  revoke(@By() actor: Actor, @IdParam() id: string): Promise<ApprovalDelegation> {
    return this.delegations.revoke(actor, id);
  }
}
