import { Module } from '@nestjs/common';
import { SuspensionsModule } from '../suspensions/suspensions.module.js';
import { ContactsController } from './contacts/contacts.controller.js';
import { ContactsService } from './contacts/contacts.service.js';
import { ChecksController } from './due-diligence/checks.controller.js';
import { ChecksService } from './due-diligence/checks.service.js';
import { PartnersController } from './partners.controller.js';
import { PartnersService } from './partners.service.js';
import { ReviewService } from './review.service.js';
import { SigningKeysController } from './signing-keys/signing-keys.controller.js';
import { SigningKeysService } from './signing-keys/signing-keys.service.js';
import { PartnerTies } from './ties.js';

@Module({
  imports: [SuspensionsModule],
  controllers: [PartnersController, ContactsController, ChecksController, SigningKeysController],
  providers: [PartnersService, ReviewService, ContactsService, ChecksService, SigningKeysService, PartnerTies],
  exports: [PartnerTies, SigningKeysService],
})
export class PartnersModule {}
