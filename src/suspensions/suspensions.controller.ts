import { Controller, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Actor } from '../kernel/actor.js';
import { By } from '../http/by.js';
import { Page } from '../http/paging.js';
import { Answers, IdParam, Permit } from '../http/route.js';
import { Suspension } from './suspension.entity.js';
import { SuspensionAnswer, SuspensionQuery } from './suspensions.dto.js';
import { SuspensionsService } from './suspensions.service.js';

@ApiTags('suspensions')
@Controller('v1/suspensions')
export class SuspensionsController {
  constructor(private readonly suspensions: SuspensionsService) {}

  @Get()
  @Permit('suspension.read')
  @Answers('The scoped stops that you may see, newest first.', SuspensionAnswer, {
    page: true,
    problems: ['invalid_request'],
  })
  list(@By() actor: Actor, @Query() query: SuspensionQuery): Promise<Page<Suspension>> {
    return this.suspensions.list(actor, query);
  }

  @Post(':id/lift-proposal')
  @Permit('suspension.propose_lift')
  @Answers('Propose to lift a stop: the first of two people.', SuspensionAnswer, {
    status: 201,
    problems: ['not_found', 'move_not_allowed', 'version_mismatch'],
  })
  proposeLift(@By() actor: Actor, @IdParam() id: string): Promise<Suspension> {
    return this.suspensions.proposeLift(actor, id);
  }

  @Post(':id/lifting')
  @Permit('suspension.lift')
  @Answers('Lift a stop: the second of two people.', SuspensionAnswer, {
    status: 201,
    problems: ['not_found', 'move_not_allowed', 'separation_of_duties', 'version_mismatch'],
  })
  lift(@By() actor: Actor, @IdParam() id: string): Promise<Suspension> {
    return this.suspensions.lift(actor, id);
  }
}
