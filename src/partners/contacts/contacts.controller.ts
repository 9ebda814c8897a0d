import { Body, Controller, Delete, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Actor } from '../../kernel/actor.js';
import { By } from '../../http/by.js';
import { Page, PageQuery } from '../../http/paging.js';
import { Answers, IdParam, Permit } from '../../http/route.js';
import { ContactAnswer, ContactShape } from './contacts.dto.js';
import { ContactsService } from './contacts.service.js';
import { PartnerContact } from './partner-contact.entity.js';

@ApiTags('partners')
@Controller('v1/partners/:id/contacts')
export class ContactsController {
  constructor(private readonly contacts: ContactsService) {}

  @Get()
  @Permit('partner.read')
  @Answers('The contacts that a partner has or had, newest first.', ContactAnswer, {
    page: true,
    problems: ['invalid_request', 'not_found'],
  })
  list(@By() actor: Actor, @IdParam() id: string, @Query() query: PageQuery): Promise<Page<PartnerContact>> {
    return this.contacts.list(actor, id, query);
  }

  @Post()
  @Permit('partner.add_contact')
  @Answers('Add a contact of a partner.', ContactAnswer, {
    status: 201,
    problems: ['invalid_request', 'not_found', 'move_not_allowed', 'already_exists', 'version_mismatch'],
  })
  add(@By() actor: Actor, @IdParam() id: string, @Body() body: ContactShape): Promise<PartnerContact> {
    return this.contacts.add(actor, id, body);
  }

  @Delete(':contactId')
  @Permit('partner.remove_contact')
  @Answers('Remove a contact; the last signatory or notice contact stays.', ContactAnswer, {
    problems: ['not_found', 'move_not_allowed', 'version_mismatch'],
  })
  remove(@By() actor: Actor, @IdParam() id: string, @IdParam('contactId') contactId: string): Promise<PartnerContact> {
    return this.contacts.remove(actor, id, contactId);
  }
}
