import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Actor } from '../kernel/actor.js';
import { By } from '../http/by.js';
import { Page, PageQuery } from '../http/paging.js';
import { Answers, IdParam, Permit } from '../http/route.js';
import { CreateGatewayCredential, GatewayCredentialAnswer, GatewayCredentialWithSecretAnswer } from './access.dto.js';
import { GatewayCredential } from './gateway-credential.entity.js';
import { GatewayCredentialsService } from './gateway-credentials.service.js';

@ApiTags('access')
@Controller('v1/gateway-credentials')
export class GatewayCredentialsController {
  constructor(private readonly credentials: GatewayCredentialsService) {}

  @Post()
  @Permit('gateway_credential.create')
  @Answers('Issue a credential to an inference gateway.', GatewayCredentialWithSecretAnswer, {
    status: 201,
    shownOnce: ['secret'],
    problems: ['invalid_request'],
  })
  create(@By() actor: Actor, @Body() body: CreateGatewayCredential): Promise<GatewayCredential> {
    return this.credentials.create(actor, body.name);
  }

  @Get()
  @Permit('gateway_credential.read')
  @Answers('The credentials of all gateways, newest first.', GatewayCredentialAnswer, {
    page: true,
    problems: ['invalid_request'],
  })
  list(@By() actor: Actor, @Query() query: PageQuery): Promise<Page<GatewayCredential>> {
    return this.credentials.list(actor, query);
  }

  @Post(':id/revocation')
  @Permit('gateway_credential.revoke')
  @Answers('Revoke a credential for good.', GatewayCredentialAnswer, {
    status: 201,
    receipt: true,
    problems: ['not_found', 'move_not_allowed', 'version_mismatch'],
  })
  revoke(@By() actor: Actor, @IdParam() id: string): Promise<GatewayCredential> {
    return this.credentials.revoke(actor, id);
  }
}
