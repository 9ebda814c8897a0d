import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Actor } from '../kernel/actor.js';
import { By } from '../http/by.js';
import { Page, PageQuery } from '../http/paging.js';
import { Answers, IdParam, NumberParam, Permit, Sends } from '../http/route.js';
import { Suspension } from '../suspensions/suspension.entity.js';
import { SuspensionAnswer } from '../suspensions/suspensions.dto.js';
import { AgreementRevision } from './agreement-revision.entity.js';
import {
  AgreementAnswer,
  ApproveAgreement,
  CreateAgreement,
  GiveReason,
  NameDigest,
  RevisionAnswer,
  SignAgreement,
  SuspendAgreement,
  WriteRevision,
} from './agreements.dto.js';
import { AgreementsService, AgreementView } from './agreements.service.js';
import { ExecutionService } from './execution.service.js';
import { RevisionsService } from './revisions.service.js';

const commandProblems = ['invalid_request', 'not_found', 'move_not_allowed', 'version_mismatch'] as const;

@ApiTags('agreements')
@Controller('v1/agreements')
export class AgreementsController {
  constructor(
    private readonly agreements: AgreementsService,
    private readonly revisions: RevisionsService,
    private readonly execution: ExecutionService,
  ) {}

  @Post()
  @Permit('agreement.create')
  @Answers('Draft an agreement with an active partner.', AgreementAnswer, {
    status: 201,
    problems: ['invalid_request', 'not_found', 'move_not_allowed'],
  })
  create(@By() actor: Actor, @Body() body: CreateAgreement): Promise<AgreementView> {
    return this.agreements.create(actor, body);
  }

  @Get()
  @Permit('agreement.read')
  @Answers('The agreements that you may see, newest first.', AgreementAnswer, {
    page: true,
    problems: ['invalid_request'],
  })
  list(@By() actor: Actor, @Query() query: PageQuery): Promise<Page<AgreementView>> {
    return this.agreements.list(actor, query);
  }

  @Get(':id')
  @Permit('agreement.read')
  @Answers('One agreement.', AgreementAnswer, { problems: ['not_found'] })
  find(@By() actor: Actor, @IdParam() id: string): Promise<AgreementView> {
    return this.agreements.find(actor, id);
  }

  @Post(':id/revisions')
  @Permit('agreement.revise')
  @Answers('Write the next revision; it becomes the text at hand.', AgreementAnswer, {
    status: 201,
    problems: commandProblems,
  })
  revise(@By() actor: Actor, @IdParam() id: string, @Body() body: WriteRevision): Promise<AgreementView> {
    return this.agreements.revise(actor, id, body);
  }

  @Get(':id/revisions/:number')
  @Permit('agreement.read')
  @Answers('One revision: its prose, terms and digest.', RevisionAnswer, { problems: ['not_found'] })
  revision(
    @By() actor: Actor,
    @IdParam() id: string,
    @NumberParam('number') number: number,
  ): Promise<AgreementRevision> {
    return this.revisions.find(actor, id, number);
  }

  @Post(':id/proposal')
  @Permit('agreement.propose')
  @Answers('Propose the draft to the partner.', AgreementAnswer, { status: 201, problems: commandProblems })
  propose(@By() actor: Actor, @IdParam() id: string): Promise<AgreementView> {
    return this.agreements.propose(actor, id);
  }

  @Post(':id/acceptance')
  @Permit('agreement.accept')
  @Answers('Accept the text at hand by its digest.', AgreementAnswer, {
    status: 201,
    problems: [...commandProblems, 'digest_mismatch'],
  })
  accept(@By() actor: Actor, @IdParam() id: string, @Body() body: NameDigest): Promise<AgreementView> {
    return this.agreements.accept(actor, id, body.digest);
  }

  @Post(':id/decline')
  @Permit('agreement.decline')
  @Answers('Decline the agreement, as the partner.', AgreementAnswer, { status: 201, problems: commandProblems })
  decline(@By() actor: Actor, @IdParam() id: string, @Body() body: GiveReason): Promise<AgreementView> {
    return this.agreements.end(actor, id, 'decline', body.reason);
  }

  @Post(':id/withdrawal')
  @Permit('agreement.withdraw')
  @Answers('Withdraw the agreement before execution, as the lab.', AgreementAnswer, {
    status: 201,
    problems: commandProblems,
  })
  withdraw(@By() actor: Actor, @IdParam() id: string, @Body() body: GiveReason): Promise<AgreementView> {
    return this.agreements.end(actor, id, 'withdraw', body.reason);
  }

  @Post(':id/return')
  @Permit('agreement.return')
  @Answers('Return an accepted text to negotiation instead of approving it.', AgreementAnswer, {
    status: 201,
    problems: commandProblems,
  })
  return(@By() actor: Actor, @IdParam() id: string, @Body() body: GiveReason): Promise<AgreementView> {
    return this.agreements.end(actor, id, 'return', body.reason);
  }

  @Post(':id/approvals')
  @Permit('agreement.approve')
  @Answers('Approve the text at hand for one stage; not by an author of any revision.', AgreementAnswer, {
    status: 201,
    problems: [...commandProblems, 'digest_mismatch', 'separation_of_duties'],
  })
  approve(@By() actor: Actor, @IdParam() id: string, @Body() body: ApproveAgreement): Promise<AgreementView> {
    return this.execution.approve(actor, id, body);
  }

  @Post(':id/signature')
  @Permit('agreement.sign')
  @Answers('Sign for the partner.', AgreementAnswer, {
    status: 201,
    problems: [...commandProblems, 'digest_mismatch', 'already_exists', 'reauthentication_required'],
  })
  sign(@By() actor: Actor, @IdParam() id: string, @Body() body: SignAgreement): Promise<AgreementView> {
    return this.execution.sign(actor, id, body);
  }

  @Post(':id/countersignature')
  @Permit('agreement.countersign')
  @Answers('Countersign for the lab, which executes the agreement.', AgreementAnswer, {
    status: 201,
    problems: [...commandProblems, 'digest_mismatch', 'reauthentication_required'],
  })
  countersign(@By() actor: Actor, @IdParam() id: string, @Body() body: SignAgreement): Promise<AgreementView> {
    return this.execution.countersign(actor, id, body);
  }

  @Get(':id/evidence')
  @Permit('evidence.read')
  @Sends('The sealed evidence bundle; `parley verify evidence FILE` checks it offline.', 'application/json', [
    'not_found',
  ])
  evidence(@By() actor: Actor, @IdParam() id: string): Promise<string> {
    return this.execution.evidence(actor, id);
  }

  @Post(':id/suspensions')
  @Permit('agreement.suspend')
  @Answers('Stop the agreement, or one purpose or model of it, at once.', SuspensionAnswer, {
    status: 201,
    problems: ['invalid_request', 'not_found', 'move_not_allowed'],
  })
  suspend(@By() actor: Actor, @IdParam() id: string, @Body() body: SuspendAgreement): Promise<Suspension> {
    return this.agreements.suspend(actor, id, body);
  }
}
