import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Actor } from '../kernel/actor.js';
import { By } from '../http/by.js';
import { Page } from '../http/paging.js';
import { Answers, IdParam, Permit } from '../http/route.js';
import { Suspension } from '../suspensions/suspension.entity.js';
import { CreateSuspension, SuspensionAnswer } from '../suspensions/suspensions.dto.js';
import { ApiKey } from './api-key.entity.js';
import { KeyRequestsService, KeyRequestView } from './key-requests.service.js';
import { ClaimedKeyAnswer, KeyAnswer, KeyQuery, KeyRequestAnswer, RevokeKey, SubmitKeyRequest } from './keys.dto.js';
import { KeysService } from './keys.service.js';

const commandProblems = ['not_found', 'move_not_allowed', 'expired', 'version_mismatch'] as const;

@ApiTags('keys')
@Controller('v1')
export class KeysController {
  constructor(
    private readonly requests: KeyRequestsService,
    private readonly keys: KeysService,
  ) {}

  @Post('campaigns/:id/key-requests')
  @Permit('key_request.submit')
  @Answers('Ask for a key within an active campaign.', KeyRequestAnswer, {
    status: 201,
    problems: ['invalid_request', 'not_found', 'move_not_allowed', 'outside_agreement'],
  })
  submit(@By() actor: Actor, @IdParam() id: string, @Body() body: SubmitKeyRequest): Promise<KeyRequestView> {
    return this.requests.submit(actor, id, body);
  }

  @Get('key-requests')
  @Permit('key_request.read')
  @Answers('The requests for keys that you may see, newest first.', KeyRequestAnswer, {
    page: true,
    problems: ['invalid_request'],
  })
  listRequests(@By() actor: Actor, @Query() query: KeyQuery): Promise<Page<KeyRequestView>> {
    return this.requests.list(actor, query);
  }

  @Get('key-requests/:id')
  @Permit('key_request.read')
  @Answers('One request for a key.', KeyRequestAnswer, { problems: ['not_found'] })
  findRequest(@By() actor: Actor, @IdParam() id: string): Promise<KeyRequestView> {
    return this.requests.find(actor, id);
  }

  @Post('key-requests/:id/approval')
  @Permit('key_request.approve')
  @Answers('Approve a request for your side: the partner first, then the lab.', KeyRequestAnswer, {
    status: 201,
    problems: [...commandProblems, 'separation_of_duties'],
  })
  approve(@By() actor: Actor, @IdParam() id: string): Promise<KeyRequestView> {
    return this.requests.approve(actor, id);
  }

  @Post('key-requests/:id/rejection')
  @Permit('key_request.reject')
  @Answers('Reject a request.', KeyRequestAnswer, { status: 201, problems: commandProblems })
  reject(@By() actor: Actor, @IdParam() id: string): Promise<KeyRequestView> {
    return this.requests.reject(actor, id);
  }

  @Post('key-requests/:id/withdrawal')
  @Permit('key_request.withdraw')
  @Answers('Withdraw your own request.', KeyRequestAnswer, { status: 201, problems: commandProblems })
  withdraw(@By() actor: Actor, @IdParam() id: string): Promise<KeyRequestView> {
    return this.requests.withdraw(actor, id);
  }

  @Post('key-requests/:id/claim')
  @Permit('key_request.claim')
  @Answers('Claim the key of your approved request. The key is shown this once.', ClaimedKeyAnswer, {
    status: 201,
    shownOnce: ['key'],
    problems: [...commandProblems, 'outside_agreement', 'limit_reached'],
  })
  claim(@By() actor: Actor, @IdParam() id: string): Promise<ApiKey> {
    return this.keys.claim(actor, id);
  }

  @Get('keys')
  @Permit('key.read')
  @Answers('The keys that you may see, newest first.', KeyAnswer, { page: true, problems: ['invalid_request'] })
  list(@By() actor: Actor, @Query() query: KeyQuery): Promise<Page<ApiKey>> {
    return this.keys.list(actor, query);
  }

  @Get('keys/:id')
  @Permit('key.read')
  @Answers('One key, without its secret.', KeyAnswer, { problems: ['not_found'] })
  find(@By() actor: Actor, @IdParam() id: string): Promise<ApiKey> {
    return this.keys.find(actor, id);
  }

  @Post('keys/:id/revocation')
  @Permit('key.revoke')
  @Answers('Revoke a key for good, from the next decision on.', KeyAnswer, {
    status: 201,
    problems: ['invalid_request', 'not_found', 'version_mismatch'],
  })
  revoke(@By() actor: Actor, @IdParam() id: string, @Body() body: RevokeKey): Promise<ApiKey> {
    return this.keys.revoke(actor, id, body.reason);
  }

  @Post('keys/:id/suspensions')
  @Permit('key.suspend')
  @Answers('Stop a key until two people lift the stop.', SuspensionAnswer, {
    status: 201,
    problems: ['invalid_request', 'not_found'],
  })
  suspend(@By() actor: Actor, @IdParam() id: string, @Body() body: CreateSuspension): Promise<Suspension> {
    return this.keys.suspend(actor, id, body);
  }
}
