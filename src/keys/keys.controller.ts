import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Actor } from '../kernel/actor.js';
import { By } from '../http/by.js';
import { Page } from '../http/paging.js';
import { Answers, IdParam, Permit } from '../http/route.js';
import { Suspension } from '../suspensions/suspension.entity.js';
import { CreateSuspension, SuspensionAnswer } from '../suspensions/suspensions.dto.js';
import { KeyIssuing, KeyWithSecret } from './key-issuing.service.js';
import { KeyRequestsService, KeyRequestView } from './key-requests.service.js';
import { KeyView } from './key-views.service.js';
import {
  ClaimKey,
  KeyAnswer,
  KeyQuery,
  KeyRequestAnswer,
  KeyWithSecretAnswer,
  RejectKeyRequest,
  RevokeKey,
  RotateKey,
  SubmitKeyRequest,
} from './keys.dto.js';
import { KeysService } from './keys.service.js';

const commandProblems = ['not_found', 'move_not_allowed', 'expired', 'version_mismatch'] as const;

@ApiTags('keys')
@Controller('v1')
export class KeysController {
  constructor(
    private readonly requests: KeyRequestsService,
    private readonly keys: KeysService,
    private readonly issuing: KeyIssuing,
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
  @Answers('Reject a request.', KeyRequestAnswer, { status: 201, problems: [...commandProblems, 'invalid_request'] })
  reject(@By() actor: Actor, @IdParam() id: string, @Body() body: RejectKeyRequest): Promise<KeyRequestView> {
    return this.requests.reject(actor, id, body.reason);
  }

  @Post('key-requests/:id/withdrawal')
  @Permit('key_request.withdraw')
  @Answers('Withdraw your own request.', KeyRequestAnswer, { status: 201, problems: commandProblems })
  withdraw(@By() actor: Actor, @IdParam() id: string): Promise<KeyRequestView> {
    return this.requests.withdraw(actor, id);
  }

  @Post('key-requests/:id/claim')
  @Permit('key_request.claim')
  @Answers('Claim the key of your approved request. The key is shown this once.', KeyWithSecretAnswer, {
    status: 201,
    shownOnce: ['key'],
    problems: [...commandProblems, 'invalid_request', 'already_exists', 'outside_agreement', 'limit_reached'],
  })
  claim(@By() actor: Actor, @IdParam() id: string, @Body() body: ClaimKey): Promise<KeyWithSecret> {
    return this.issuing.claim(actor, id, body);
  }

  @Get('keys')
  @Permit('key.read')
  @Answers('The keys that you may see, newest first.', KeyAnswer, { page: true, problems: ['invalid_request'] })
  list(@By() actor: Actor, @Query() query: KeyQuery): Promise<Page<KeyView>> {
    return this.keys.list(actor, query);
  }

  @Get('keys/:id')
  @Permit('key.read')
  @Answers('One key, without its secret.', KeyAnswer, { problems: ['not_found'] })
  find(@By() actor: Actor, @IdParam() id: string): Promise<KeyView> {
    return this.keys.find(actor, id);
  }

  @Post('keys/:id/rotation')
  @Permit('key.rotate')
  @Answers('Give your key a new secret; the old one works on for the overlap.', KeyWithSecretAnswer, {
    status: 201,
    receipt: true,
    shownOnce: ['key'],
    problems: [...commandProblems, 'invalid_request', 'already_exists'],
  })
  rotate(@By() actor: Actor, @IdParam() id: string, @Body() body: RotateKey): Promise<KeyWithSecret> {
    return this.issuing.rotate(actor, id, body);
  }

  @Post('keys/:id/revocation')
  @Permit('key.revoke')
  @Answers('Revoke a key for good, from the next decision on.', KeyAnswer, {
    status: 201,
    receipt: true,
    problems: ['invalid_request', 'not_found', 'version_mismatch'],
  })
  revoke(@By() actor: Actor, @IdParam() id: string, @Body() body: RevokeKey): Promise<KeyView> {
    return this.keys.revoke(actor, id, body.reason);
  }

  @Post('keys/:id/suspensions')
  @Permit('key.suspend')
  @Answers('Stop a key until two people lift the stop.', SuspensionAnswer, {
    status: 201,
    receipt: true,
    problems: ['invalid_request', 'not_found', 'move_not_allowed', 'version_mismatch'],
  })
  suspend(@By() actor: Actor, @IdParam() id: string, @Body() body: CreateSuspension): Promise<Suspension> {
    return this.keys.suspend(actor, id, body);
  }
}
