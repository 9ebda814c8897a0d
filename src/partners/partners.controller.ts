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
import { ApprovePartner } from './due-diligence/checks.dto.js';
import { PartnerView } from './partner-view.js';
import { EndPartner, InviteMember, PartnerAnswer, SetNetworks, TiesAnswer, WritePartner } from './partners.dto.js';
import { PartnersService } from './partners.service.js';
import { ReviewService } from './review.service.js';
import { Tie } from './ties.js';

@ApiTags('partners')
@Controller('v1/partners')
export class PartnersController {
  constructor(
    private readonly partners: PartnersService,
    private readonly review: ReviewService,
  ) {}

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
    return this.review.submit(actor, id);
  }

  @Post(':id/return')
  @Permit('partner.return')
  @Answers('Return a partner under review for correction.', PartnerAnswer, {
    status: 201,
    problems: ['not_found', 'move_not_allowed', 'version_mismatch'],
  })
  return(@By() actor: Actor, @IdParam() id: string): Promise<PartnerView> {
    return this.review.return(actor, id);
  }

  @Post(':id/approval')
  @Permit('partner.approve')
  @Answers('Approve a partner after due diligence; not by who submitted it.', PartnerAnswer, {
    status: 201,
    problems: ['invalid_request', 'not_found', 'move_not_allowed', 'separation_of_duties', 'version_mismatch'],
  })
  approve(@By() actor: Actor, @IdParam() id: string, @Body() body: ApprovePartner): Promise<PartnerView> {
    return this.review.approve(actor, id, body);
  }

  @Post(':id/decline')
  @Permit('partner.decline')
  @Answers('Decline a partner under review, for good.', PartnerAnswer, {
    status: 201,
    problems: ['invalid_request', 'not_found', 'move_not_allowed', 'version_mismatch'],
  })
  decline(@By() actor: Actor, @IdParam() id: string, @Body() body: EndPartner): Promise<PartnerView> {
    return this.review.decline(actor, id, body.reason);
  }

  @Post(':id/offboarding')
  @Permit('partner.offboard')
  @Answers('End an active partner that nothing binds any more, for good.', PartnerAnswer, {
    status: 201,
    receipt: true,
    problems: ['invalid_request', 'not_found', 'move_not_allowed', 'still_bound', 'version_mismatch'],
  })
  offboard(@By() actor: Actor, @IdParam() id: string, @Body() body: EndPartner): Promise<PartnerView> {
    return this.review.offboard(actor, id, body.reason);
  }

  @Get(':id/ties')
  @Permit('partner.read_ties')
  @Answers('What still binds a partner, and would stand in the way of offboarding it.', TiesAnswer, {
    problems: ['not_found'],
  })
  ties(@By() actor: Actor, @IdParam() id: string): Promise<{ ties: Tie[] }> {
    return this.review.tiesOf(actor, id);
  }

  @Put(':id/networks')
  @Permit('partner.set_networks')
  @Answers('Set the networks from which a partner says that it works.', PartnerAnswer, {
    problems: ['invalid_request', 'not_found', 'move_not_allowed', 'version_mismatch'],
  })
  setNetworks(@By() actor: Actor, @IdParam() id: string, @Body() body: SetNetworks): Promise<PartnerView> {
    return this.partners.setNetworks(actor, id, body.cidrs);
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
    receipt: true,
    problems: ['invalid_request', 'not_found'],
  })
  suspend(@By() actor: Actor, @IdParam() id: string, @Body() body: CreateSuspension): Promise<Suspension> {
    return this.partners.suspend(actor, id, body);
  }
}
