import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { GiveReason } from '../../agreements/negotiation/negotiation.dto.js';
import { By } from '../../http/by.js';
import { Page } from '../../http/paging.js';
import { Answers, IdParam, Permit } from '../../http/route.js';
import { Actor } from '../../kernel/actor.js';
import { RosterView } from './roster-views.js';
import { AttestCleanTeam, NominateResearcher, RosterEntryAnswer, RosterQuery } from './roster.dto.js';
import { RosterService } from './roster.service.js';

const commandProblems = ['invalid_request', 'not_found', 'move_not_allowed', 'version_mismatch'] as const;

@ApiTags('roster')
@Controller('v1')
export class RosterController {
  constructor(private readonly roster: RosterService) {}

  @Post('agreements/:id/roster')
  @Permit('roster.nominate')
  @Answers('Nominate a researcher; a signing official on file vouches for them by that.', RosterEntryAnswer, {
    status: 201,
    problems: [...commandProblems, 'outside_agreement', 'limit_reached', 'already_exists', 'separation_of_duties'],
  })
  nominate(@By() actor: Actor, @IdParam() id: string, @Body() body: NominateResearcher): Promise<RosterView> {
    return this.roster.nominate(actor, id, body);
  }

  @Get('roster')
  @Permit('roster.read')
  @Answers('The roster entries that you may see, newest first.', RosterEntryAnswer, {
    page: true,
    problems: ['invalid_request'],
  })
  list(@By() actor: Actor, @Query() query: RosterQuery): Promise<Page<RosterView>> {
    return this.roster.list(actor, query);
  }

  @Get('roster/:id')
  @Permit('roster.read')
  @Answers('One roster entry.', RosterEntryAnswer, { problems: ['not_found'] })
  find(@By() actor: Actor, @IdParam() id: string): Promise<RosterView> {
    return this.roster.find(actor, id);
  }

  @Post('roster/:id/voucher')
  @Permit('roster.vouch')
  @Answers('Vouch for a nominated researcher.', RosterEntryAnswer, {
    status: 201,
    problems: ['not_found', 'move_not_allowed', 'version_mismatch', 'separation_of_duties', 'no_authority_to_sign'],
  })
  vouch(@By() actor: Actor, @IdParam() id: string): Promise<RosterView> {
    return this.roster.vouch(actor, id);
  }

  @Post('roster/:id/clean-team-attestation')
  @Permit('roster.attest')
  @Answers('Attest that you do no excluded work, and when you last did.', RosterEntryAnswer, {
    status: 201,
    receipt: true,
    problems: commandProblems,
  })
  attest(@By() actor: Actor, @IdParam() id: string, @Body() body: AttestCleanTeam): Promise<RosterView> {
    return this.roster.attest(actor, id, body.leftExcludedWorkOn);
  }

  @Post('roster/:id/removal')
  @Permit('roster.remove')
  @Answers('Remove a researcher; their keys are refused from the next decision on.', RosterEntryAnswer, {
    status: 201,
    receipt: true,
    problems: commandProblems,
  })
  remove(@By() actor: Actor, @IdParam() id: string, @Body() body: GiveReason): Promise<RosterView> {
    return this.roster.remove(actor, id, body.reason);
  }
}
