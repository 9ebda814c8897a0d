import { Body, Controller, Get, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Actor } from '../kernel/actor.js';
import { InvitationWithTokenAnswer } from '../access/access.dto.js';
import { InvitationWithToken } from '../access/invitations.service.js';
import { By } from '../http/by.js';
import { Page, PageQuery } from '../http/paging.js';
import { Answers, IdParam, Permit } from '../http/route.js';
import { Suspension } from '../suspensions/suspension.entity.js';
import { CreateSuspension, SuspensionAnswer } from '../suspensions/suspensions.dto.js';
import { ApprovePartner, InviteMember, PartnerAnswer, WritePartner } from './partners.dto.js';
import { PartnersService, PartnerView } from './partners.service.js';

@ApiTags('partners')
@Controller('v1/partners')
export class PartnersController {
  constructor(private readonly partners: PartnersService) {}

  @Post()
  @Permit('partner.create')
  @Answers('Enter a partner organisation as a prospect.', PartnerAnswer, {
    status: 201,
    problems: ['invalid_request', 'already_exists'],
  })
  create(@By() actor: Actor, @Body() body: WritePartner): Promise<PartnerView> {
    return this.partners.create(actor, body);
  }

  @Get()
  @Permit('partner.read')
  @Answers('The partner organisations that you may see, newest first.', PartnerAnswer, {
    page: true,
    problems: ['invalid_request'],
  })
  list(@By() actor: Actor, @Query() query: PageQuery): Promise<Page<PartnerView>> {
    return this.partners.list(actor, query);
  }

  @Get(':id')
  @Permit('partner.read')
  @Answers('One partner organisation.', PartnerAnswer, { problems: ['not_found'] })
  find(@By() actor: Actor, @IdParam() id: string): Promise<PartnerView> {
    return this.partners.find(actor, id);
  }

  @Put(':id')
  @Permit('partner.revise')
  @Answers('Correct a prospect.', PartnerAnswer, {
    problems: ['invalid_request', 'not_found', 'move_not_allowed', 'already_exists', 'version_mismatch'],
  })
  revise(@By() actor: Actor, @IdParam() id: string, @Body() body: WritePartner): Promise<PartnerView> {
    return this.partners.revise(actor, id, body);
  }

  @Post(':id/submission')
  @Permit('partner.submit')
  @Answers('Submit a prospect for review.', PartnerAnswer, {
    status: 201,
    problems: ['invalid_request', 'not_found', 'move_not_allowed', 'version_mismatch'],
  })
  submit(@By() actor: Actor, @IdParam() id: string): Promise<PartnerView> {
    return this.partners.submit(actor, id);
  }

  @Post(':id/return')
  @Permit('partner.return')
  @Answers('Return a partner under review for correction.', PartnerAnswer, {
    status: 201,
    problems: ['not_found', 'move_not_allowed', 'version_mismatch'],
  })
  return(@By() actor: Actor, @IdParam() id: string): Promise<PartnerView> {
    return this.partners.return(actor, id);
  }

  @Post(':id/approval')
  @Permit('partner.approve')
  @Answers('Approve a partner after due diligence; not by who submitted it.', PartnerAnswer, {
    status: 201,
    problems: ['invalid_request', 'not_found', 'move_not_allowed', 'separation_of_duties', 'version_mismatch'],
  })
  approve(@By() actor: Actor, @IdParam() id: string, @Body() body: ApprovePartner): Promise<PartnerView> {
    return this.partners.approve(actor, id, body);
  }

  @Post(':id/invitations')
  @Permit('member.invite')
  @Answers('Invite a member of a partner organisation.', InvitationWithTokenAnswer, {
    status: 201,
    shownOnce: ['token'],
    problems: ['invalid_request', 'not_found', 'move_not_allowed', 'already_exists'],
  })
  invite(@By() actor: Actor, @IdParam() id: string, @Body() body: InviteMember): Promise<InvitationWithToken> {
    return this.partners.invite(actor, id, body);
  }

  @Post(':id/suspensions')
  @Permit('partner.suspend')
  @Answers('Stop everything of a partner organisation at once.', SuspensionAnswer, {
    status: 201,
    problems: ['invalid_request', 'not_found'],
  })
  suspend(@By() actor: Actor, @IdParam() id: string, @Body() body: CreateSuspension): Promise<Suspension> {
    return this.partners.suspend(actor, id, body);
  }
}
