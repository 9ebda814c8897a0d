import { Body, Controller, Delete, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Actor } from '../kernel/actor.js';
import { By } from '../http/by.js';
import { Answers, Permit, Public } from '../http/route.js';
import { OpenSession, RefreshSession, TokensAnswer } from './access.dto.js';
import { SessionsService, Tokens } from './sessions.service.js';

@ApiTags('access')
@Controller('v1/sessions')
export class SessionsController {
  constructor(private readonly sessions: SessionsService) {}

  @Post()
  @Public()
  @Answers('Log in. A signature needs a log-in at most five minutes old.', TokensAnswer, {
    status: 201,
    problems: ['invalid_request', 'wrong_credentials', 'too_many_attempts'],
  })
  open(@Body() body: OpenSession): Promise<Tokens> {
    return this.sessions.open(body.email, body.password);
  }

  @Post('refresh')
  @Public()
  @Answers('Exchange a refresh token for new tokens.', TokensAnswer, {
    status: 201,
    problems: ['invalid_request', 'wrong_credentials'],
  })
  refresh(@Body() body: RefreshSession): Promise<Tokens> {
    return this.sessions.refresh(body.refreshToken);
  }

  @Delete('current')
  @Permit('self.read')
  @Answers('Log out: every token of the session ends at once.', null)
  close(@By() actor: Actor): Promise<void> {
    return this.sessions.close(actor);
  }
}
