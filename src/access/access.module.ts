import { Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { PassportModule } from '@nestjs/passport';
import { AccessGuard, BearerGuard } from './access.guard.js';
import { AccessTokens } from './access-tokens.js';
import { FirstStart } from './first-start.js';
import { GatewayCredentialsController } from './gateway-credentials.controller.js';
import { GatewayCredentialsService } from './gateway-credentials.service.js';
import { InvitationsService } from './invitations.service.js';
import { LoginAttempts } from './login-attempts.js';
import { OidcTokenStrategy } from './oidc-token.strategy.js';
import { OwnTokenStrategy } from './own-token.strategy.js';
import { SessionsController } from './sessions.controller.js';
import { SessionsService } from './sessions.service.js';
import { UsersController } from './users.controller.js';
import { UsersService } from './users.service.js';

@Global()
@Module({
  imports: [PassportModule],
  controllers: [SessionsController, UsersController, GatewayCredentialsController],
  providers: [
    AccessTokens,
    BearerGuard,
    FirstStart,
    GatewayCredentialsService,
    InvitationsService,
    LoginAttempts,
    OidcTokenStrategy,
    OwnTokenStrategy,
    SessionsService,
    UsersService,
    { provide: APP_GUARD, useClass: AccessGuard },
  ],
  exports: [FirstStart, GatewayCredentialsService, InvitationsService, LoginAttempts, UsersService],
})
export class AccessModule {}
