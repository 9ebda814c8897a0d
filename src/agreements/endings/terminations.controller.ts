import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { By } from '../../http/by.js';
import { Page } from '../../http/paging.js';
import { Answers, IdParam, Permit } from '../../http/route.js';
import { Actor } from '../../kernel/actor.js';
import { GiveReason } from '../negotiation/negotiation.dto.js';
import { commandProblems } from '../negotiation/text-routes.js';
import { ProposeTermination, TerminationAnswer, TerminationQuery } from './terminations.dto.js';
import { TerminationsService, TerminationView } from './terminations.service.js';

@ApiTags('terminations')
@Controller('v1')
export class TerminationsController {
  constructor(private readonly terminations: TerminationsService) {}

  @Post('agreements/:id/terminations')
  @Permit('agreement.terminate')
  @Answers('Propose to end an executed agreement: the first of two people.', TerminationAnswer, {
    status: 201,
    problems: [...commandProblems, 'too_early', 'outside_agreement'],
  })
  propose(@By() actor: Actor, @IdParam() id: string, @Body() body: ProposeTermination): Promise<TerminationView> {
    return this.terminations.propose(actor, id, body);
  }

  @Get('terminations')
  @Permit('agreement.read')
  @Answers('The terminations that you may see, newest first.', TerminationAnswer, {
    page: true,
    problems: ['invalid_request'],
  })
  list(@By() actor: Actor, @Query() query: TerminationQuery): Promise<Page<TerminationView>> {
    return this.terminations.list(actor, query);
  }

  @Get('terminations/:id')
  @Permit('agreement.read')
  @Answers('One termination.', TerminationAnswer, { problems: ['not_found'] })
  find(@By() actor: Actor, @IdParam() id: string): Promise<TerminationView> {
    return this.terminations.find(actor, id);
  }

  @Post('terminations/:id/confirmation')
  @Permit('termination.confirm')
  @Answers('Confirm a termination, which ends the agreement: the second of two people.', TerminationAnswer, {
    status: 201,
    receipt: true,
    problems: [...commandProblems, 'separation_of_duties', 'too_early', 'outside_agreement'],
  })
  confirm(@By() actor: Actor, @IdParam() id: string): Promise<TerminationView> {
    return this.terminations.confirm(actor, id);
  }

  @Post('terminations/:id/withdrawal')
  @Permit('termination.withdraw')
  @Answers('Withdraw a proposal that your party made.', TerminationAnswer, { status: 201, problems: commandProblems })
  withdraw(@By() actor: Actor, @IdParam() id: string, @Body() body: GiveReason): Promise<TerminationView> {
    return this.terminations.withdraw(actor, id, body.reason);
  }
}
