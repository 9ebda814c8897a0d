import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Actor } from '../kernel/actor.js';
import { By } from '../http/by.js';
import { Page } from '../http/paging.js';
import { Answers, IdParam, Permit } from '../http/route.js';
import { Suspension } from '../suspensions/suspension.entity.js';
import { CreateSuspension, SuspensionAnswer } from '../suspensions/suspensions.dto.js';
import { CampaignLife } from './campaign-life.service.js';
import { CampaignView } from './campaign-views.service.js';
import { CampaignAnswer, CampaignQuery, EndCampaign, ProposeCampaign } from './campaigns.dto.js';
import { CampaignsService } from './campaigns.service.js';

const commandProblems = ['not_found', 'move_not_allowed', 'version_mismatch'] as const;
const fittingProblems = [...commandProblems, 'outside_agreement'] as const;
const endingProblems = [...commandProblems, 'invalid_request'] as const;

@ApiTags('campaigns')
@Controller('v1')
export class CampaignsController {
  constructor(
    private readonly campaigns: CampaignsService,
    private readonly life: CampaignLife,
  ) {}

  @Post('agreements/:id/campaigns')
  @Permit('campaign.propose')
  @Answers('Propose a campaign under an executed agreement.', CampaignAnswer, {
    status: 201,
    problems: ['invalid_request', 'not_found', 'move_not_allowed', 'outside_agreement'],
  })
  propose(@By() actor: Actor, @IdParam() id: string, @Body() body: ProposeCampaign): Promise<CampaignView> {
    return this.campaigns.propose(actor, id, body);
  }

  @Get('campaigns')
  @Permit('campaign.read')
  @Answers('The campaigns that you may see, newest first.', CampaignAnswer, {
    page: true,
    problems: ['invalid_request'],
  })
  list(@By() actor: Actor, @Query() query: CampaignQuery): Promise<Page<CampaignView>> {
    return this.campaigns.list(actor, query);
  }

  @Get('campaigns/:id')
  @Permit('campaign.read')
  @Answers('One campaign.', CampaignAnswer, { problems: ['not_found'] })
  find(@By() actor: Actor, @IdParam() id: string): Promise<CampaignView> {
    return this.campaigns.find(actor, id);
  }

  @Post('campaigns/:id/approval')
  @Permit('campaign.approve')
  @Answers('Approve a campaign, for the lab, if it still fits.', CampaignAnswer, {
    status: 201,
    problems: fittingProblems,
  })
  approve(@By() actor: Actor, @IdParam() id: string): Promise<CampaignView> {
    return this.life.approve(actor, id);
  }

  @Post('campaigns/:id/rejection')
  @Permit('campaign.reject')
  @Answers('Reject a campaign, for the lab.', CampaignAnswer, { status: 201, problems: endingProblems })
  reject(@By() actor: Actor, @IdParam() id: string, @Body() body: EndCampaign): Promise<CampaignView> {
    return this.life.end(actor, id, 'reject', body.reason);
  }

  @Post('campaigns/:id/activation')
  @Permit('campaign.activate')
  @Answers('Start an approved campaign: its keys work within its window.', CampaignAnswer, {
    status: 201,
    problems: fittingProblems,
  })
  activate(@By() actor: Actor, @IdParam() id: string): Promise<CampaignView> {
    return this.life.activate(actor, id);
  }

  @Post('campaigns/:id/completion')
  @Permit('campaign.complete')
  @Answers('Complete a campaign: its keys work no more.', CampaignAnswer, {
    status: 201,
    receipt: true,
    problems: commandProblems,
  })
  complete(@By() actor: Actor, @IdParam() id: string): Promise<CampaignView> {
    return this.life.complete(actor, id);
  }

  @Post('campaigns/:id/cancellation')
  @Permit('campaign.cancel')
  @Answers('Cancel a campaign that has not started.', CampaignAnswer, {
    status: 201,
    receipt: true,
    problems: endingProblems,
  })
  cancel(@By() actor: Actor, @IdParam() id: string, @Body() body: EndCampaign): Promise<CampaignView> {
    return this.life.end(actor, id, 'cancel', body.reason);
  }

  @Post('campaigns/:id/closure')
  @Permit('campaign.close')
  @Answers('Close a completed campaign: everything owed for it was received in order, or waived.', CampaignAnswer, {
    status: 201,
    problems: [...commandProblems, 'still_open'],
  })
  close(@By() actor: Actor, @IdParam() id: string): Promise<CampaignView> {
    return this.life.close(actor, id);
  }

  @Post('campaigns/:id/suspensions')
  @Permit('campaign.suspend')
  @Answers('Stop a campaign until two people lift the stop.', SuspensionAnswer, {
    status: 201,
    receipt: true,
    problems: ['invalid_request', 'not_found', 'version_mismatch'],
  })
  suspend(@By() actor: Actor, @IdParam() id: string, @Body() body: CreateSuspension): Promise<Suspension> {
    return this.campaigns.suspend(actor, id, body);
  }
}
