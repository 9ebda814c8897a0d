import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { By } from '../../http/by.js';
import { Page } from '../../http/paging.js';
import { Answers, IdParam, Permit } from '../../http/route.js';
import { Actor } from '../../kernel/actor.js';
import { commandProblems } from '../negotiation/text-routes.js';
import { DecideNotice, NoticeAnswer, NoticeQuery, ReportRemedy, ServeNotice } from './notices.dto.js';
import { NoticesService, NoticeView } from './notices.service.js';

const created = { status: 201, problems: commandProblems };

@ApiTags('notices')
@Controller('v1')
export class NoticesController {
  constructor(private readonly notices: NoticesService) {}

  @Post('agreements/:id/notices')
  @Permit('notice.serve')
  @Answers('Serve a notice on the other party of an executed agreement.', NoticeAnswer, created)
  serve(@By() actor: Actor, @IdParam() id: string, @Body() body: ServeNotice): Promise<NoticeView> {
    return this.notices.serve(actor, id, body);
  }

  @Get('notices')
  @Permit('notice.read')
  @Answers('The notices that you may see, newest first.', NoticeAnswer, { page: true, problems: ['invalid_request'] })
  list(@By() actor: Actor, @Query() query: NoticeQuery): Promise<Page<NoticeView>> {
    return this.notices.list(actor, query);
  }

  @Get('notices/:id')
  @Permit('notice.read')
  @Answers('One notice, with where its clocks stand.', NoticeAnswer, { problems: ['not_found'] })
  find(@By() actor: Actor, @IdParam() id: string): Promise<NoticeView> {
    return this.notices.find(actor, id);
  }

  @Post('notices/:id/acknowledgement')
  @Permit('notice.acknowledge')
  @Answers('Acknowledge a notice, which receives it.', NoticeAnswer, created)
  acknowledge(@By() actor: Actor, @IdParam() id: string): Promise<NoticeView> {
    return this.notices.acknowledge(actor, id);
  }

  @Post('notices/:id/remedy')
  @Permit('notice.remedy')
  @Answers('Say what was done about a breach.', NoticeAnswer, created)
  remedy(@By() actor: Actor, @IdParam() id: string, @Body() body: ReportRemedy): Promise<NoticeView> {
    return this.notices.remedy(actor, id, body.remedy);
  }

  @Post('notices/:id/remedy-acceptance')
  @Permit('notice.accept_remedy')
  @Answers('Accept the remedy: the breach is cured.', NoticeAnswer, created)
  accept(@By() actor: Actor, @IdParam() id: string, @Body() body: DecideNotice): Promise<NoticeView> {
    return this.notices.decide(actor, id, 'accept_remedy', body.decision);
  }

  @Post('notices/:id/remedy-rejection')
  @Permit('notice.reject_remedy')
  @Answers('Reject the remedy; the cure period goes on.', NoticeAnswer, created)
  reject(@By() actor: Actor, @IdParam() id: string, @Body() body: DecideNotice): Promise<NoticeView> {
    return this.notices.decide(actor, id, 'reject_remedy', body.decision);
  }

  @Post('notices/:id/withdrawal')
  @Permit('notice.withdraw')
  @Answers('Withdraw a notice that your party served.', NoticeAnswer, created)
  withdraw(@By() actor: Actor, @IdParam() id: string, @Body() body: DecideNotice): Promise<NoticeView> {
    return this.notices.decide(actor, id, 'withdraw', body.decision);
  }
}
