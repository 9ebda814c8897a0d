import { Body, Controller, Delete, Get, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Actor } from '../kernel/actor.js';
import { By } from '../http/by.js';
import { Page, PageQuery } from '../http/paging.js';
import { Answers, IdParam, Permit, Public } from '../http/route.js';
import {
  AcceptInvitation,
  InvitationAnswer,
  InvitationWithTokenAnswer,
  InviteStaff,
  SetRoles,
  UserAnswer,
} from './access.dto.js';
import { Invitation } from './invitation.entity.js';
import { InvitationsService, InvitationWithToken } from './invitations.service.js';
import { UserAccount } from './user-account.entity.js';
import { UsersService } from './users.service.js';

@ApiTags('access')
@Controller('v1')
export class UsersController {
  constructor(
    private readonly users: UsersService,
    private readonly invitations: InvitationsService,
  ) {}

  @Get('me')
  @Permit('self.read')
  @Answers('Who you are, and what you may do.', UserAnswer)
  me(@By() actor: Actor): Promise<UserAccount> {
    return this.users.me(actor);
  }

  @Get('users')
  @Permit('user.read')
  @Answers('The accounts that you may see, newest first.', UserAnswer, { page: true, problems: ['invalid_request'] })
  list(@By() actor: Actor, @Query() query: PageQuery): Promise<Page<UserAccount>> {
    return this.users.list(actor, query);
  }

  @Put('users/:id/roles')
  @Permit('user.set_roles')
  @Answers('Set a person’s roles.', UserAnswer, {
    receipt: true,
    problems: ['invalid_request', 'not_found', 'separation_of_duties', 'version_mismatch'],
  })
  setRoles(@By() actor: Actor, @IdParam() id: string, @Body() body: SetRoles): Promise<UserAccount> {
    return this.users.setRoles(actor, id, body.roles);
  }

  @Post('users/:id/suspension')
  @Permit('user.suspend')
  @Answers('Suspend an account: it may do nothing from the next request on.', UserAnswer, {
    status: 201,
    receipt: true,
    problems: ['not_found', 'move_not_allowed', 'separation_of_duties', 'version_mismatch'],
  })
  suspend(@By() actor: Actor, @IdParam() id: string): Promise<UserAccount> {
    return this.users.suspend(actor, id);
  }

  @Delete('users/:id/suspension')
  @Permit('user.suspend')
  @Answers('Let a suspended account act again.', UserAnswer, {
    problems: ['not_found', 'move_not_allowed', 'version_mismatch'],
  })
  resume(@By() actor: Actor, @IdParam() id: string): Promise<UserAccount> {
    return this.users.resume(actor, id);
  }

  @Post('invitations')
  @Permit('staff.invite')
  @Answers('Invite lab staff.', InvitationWithTokenAnswer, {
    status: 201,
    shownOnce: ['token'],
    problems: ['invalid_request', 'already_exists'],
  })
  invite(@By() actor: Actor, @Body() body: InviteStaff): Promise<InvitationWithToken> {
    return this.invitations.inviteStaff(actor, body.email, body.roles);
  }

  @Get('invitations')
  @Permit('invitation.read')
  @Answers('The invitations that you may see, newest first.', InvitationAnswer, {
    page: true,
    problems: ['invalid_request'],
  })
  listInvitations(@By() actor: Actor, @Query() query: PageQuery): Promise<Page<Invitation>> {
    return this.invitations.list(actor, query);
  }

  @Post('invitations/accept')
  @Public()
  @Answers('Accept an invitation: choose a password and open the account.', UserAnswer, {
    status: 201,
    problems: ['invalid_request', 'expired', 'already_exists'],
  })
  accept(@Body() body: AcceptInvitation): Promise<UserAccount> {
    return this.invitations.accept(body);
  }
}
