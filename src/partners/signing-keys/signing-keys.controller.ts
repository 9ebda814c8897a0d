import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Actor } from '../../kernel/actor.js';
import { By } from '../../http/by.js';
import { Page, PageQuery } from '../../http/paging.js';
import { Answers, IdParam, Permit } from '../../http/route.js';
import { ProveSigningKey, RegisterSigningKey, RevokeSigningKey, SigningKeyAnswer } from './signing-keys.dto.js';
import { SigningKeysService, SigningKeyView } from './signing-keys.service.js';

@ApiTags('signing keys')
@Controller('v1')
export class SigningKeysController {
  constructor(private readonly keys: SigningKeysService) {}

  @Post('partners/:id/signing-keys')
  @Permit('signing_key.register')
  @Answers('Register a key to sign with; sign the challenge to prove that you hold it.', SigningKeyAnswer, {
    status: 201,
    problems: ['invalid_request', 'not_found', 'move_not_allowed', 'already_exists', 'version_mismatch'],
  })
  register(@By() actor: Actor, @IdParam() id: string, @Body() body: RegisterSigningKey): Promise<SigningKeyView> {
    return this.keys.register(actor, id, body);
  }

  @Get('partners/:id/signing-keys')
  @Permit('signing_key.read')
  @Answers('The signing keys that a partner has or had, newest first.', SigningKeyAnswer, {
    page: true,
    problems: ['invalid_request', 'not_found'],
  })
  list(@By() actor: Actor, @IdParam() id: string, @Query() query: PageQuery): Promise<Page<SigningKeyView>> {
    return this.keys.list(actor, id, query);
  }

  @Post('signing-keys/:id/proof')
  @Permit('signing_key.prove')
  @Answers('Prove that you hold a key by signing its challenge with it.', SigningKeyAnswer, {
    status: 201,
    problems: ['invalid_request', 'not_found', 'move_not_allowed', 'already_exists', 'expired', 'version_mismatch'],
  })
  prove(@By() actor: Actor, @IdParam() id: string, @Body() body: ProveSigningKey): Promise<SigningKeyView> {
    return this.keys.prove(actor, id, body);
  }

  @Post('signing-keys/:id/approvals')
  @Permit('signing_key.approve')
  @Answers('Give one of two approvals of a proved key; at the second it becomes active.', SigningKeyAnswer, {
    status: 201,
    problems: ['not_found', 'move_not_allowed', 'separation_of_duties', 'version_mismatch'],
  })
  approve(@By() actor: Actor, @IdParam() id: string): Promise<SigningKeyView> {
    return this.keys.approve(actor, id);
  }

  @Post('signing-keys/:id/revocation')
  @Permit('signing_key.revoke')
  @Answers('Revoke a signing key for good; what it signed before stays signed.', SigningKeyAnswer, {
    status: 201,
    problems: ['invalid_request', 'not_found', 'move_not_allowed', 'version_mismatch'],
  })
  revoke(@By() actor: Actor, @IdParam() id: string, @Body() body: RevokeSigningKey): Promise<SigningKeyView> {
    return this.keys.revoke(actor, id, body.reason);
  }
}
