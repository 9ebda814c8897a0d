import { Body, Controller, Get, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { By } from '../../http/by.js';
import { Page } from '../../http/paging.js';
import { Answers, IdParam, Permit } from '../../http/route.js';
import { Actor } from '../../kernel/actor.js';
import { GiveReason } from '../negotiation/negotiation.dto.js';
import { commandProblems } from '../negotiation/text-routes.js';
import { ObligationMaking } from './obligation-making.service.js';
import {
  AssignObligation,
  Disclose,
  ObligationAnswer,
  ObligationQuery,
  ObligationWithSubmissionsAnswer,
  SubmitObligation,
} from './obligations.dto.js';
import { ObligationsService, ObligationView, ObligationWithSubmissions } from './obligations.service.js';

const created = { status: 201, problems: commandProblems };

@ApiTags('obligations')
@Controller('v1')
export class ObligationsController {
  constructor(
    private readonly obligations: ObligationsService,
    private readonly making: ObligationMaking,
  ) {}

  @Get('obligations')
  @Permit('obligation.read')
  @Answers('The obligations that you may see, newest first.', ObligationAnswer, {
    page: true,
    problems: ['invalid_request'],
  })
  list(@By() actor: Actor, @Query() query: ObligationQuery): Promise<Page<ObligationView>> {
    return this.obligations.list(actor, query);
  }

  @Get('obligations/:id')
  @Permit('obligation.read')
  @Answers('One obligation, with everything that was handed in.', ObligationWithSubmissionsAnswer, {
    problems: ['not_found'],
  })
  find(@By() actor: Actor, @IdParam() id: string): Promise<ObligationWithSubmissions> {
    return this.obligations.find(actor, id);
  }

  @Put('obligations/:id/owner')
  @Permit('obligation.assign')
  @Answers('Say who of your organisation sees to it.', ObligationAnswer, { problems: commandProblems })
  assign(@By() actor: Actor, @IdParam() id: string, @Body() body: AssignObligation): Promise<ObligationView> {
    return this.obligations.assign(actor, id, body.ownerId);
  }

  @Post('obligations/:id/submissions')
  @Permit('obligation.submit')
  @Answers('Hand in what is owed; a researcher, what is theirs to see to.', ObligationAnswer, created)
  submit(@By() actor: Actor, @IdParam() id: string, @Body() body: SubmitObligation): Promise<ObligationView> {
    return this.obligations.submit(actor, id, body);
  }

  @Post('obligations/:id/acceptance')
  @Permit('obligation.accept')
  @Answers('Accept what was handed in.', ObligationAnswer, created)
  accept(@By() actor: Actor, @IdParam() id: string): Promise<ObligationView> {
    return this.obligations.accept(actor, id);
  }

  @Post('obligations/:id/return')
  @Permit('obligation.return')
  @Answers('Return what was handed in: it is owed again, and due when it was.', ObligationAnswer, created)
  return(@By() actor: Actor, @IdParam() id: string, @Body() body: GiveReason): Promise<ObligationView> {
    return this.obligations.return(actor, id, body.reason);
  }

  @Post('obligations/:id/waiver')
  @Permit('obligation.propose_waiver')
  @Answers('Propose to waive it: the first of two people.', ObligationAnswer, created)
  proposeWaiver(@By() actor: Actor, @IdParam() id: string, @Body() body: GiveReason): Promise<ObligationView> {
    return this.obligations.proposeWaiver(actor, id, body.reason);
  }

  @Post('obligations/:id/waiver-confirmation')
  @Permit('obligation.confirm_waiver')
  @Answers('Confirm the waiver, which ends the obligation: the second of two people.', ObligationAnswer, {
    status: 201,
    problems: [...commandProblems, 'separation_of_duties'],
  })
  confirmWaiver(@By() actor: Actor, @IdParam() id: string): Promise<ObligationView> {
    return this.obligations.confirmWaiver(actor, id);
  }

  @Post('agreements/:id/disclosures')
  @Permit('obligation.disclose')
  @Answers('Tell of a discovery that the terms ask to disclose, which starts the time for it.', ObligationAnswer, {
    status: 201,
    problems: [...commandProblems, 'outside_agreement'],
  })
  disclose(@By() actor: Actor, @IdParam() id: string, @Body() body: Disclose): Promise<ObligationView> {
    return this.making.disclose(actor, id, body);
  }
}
