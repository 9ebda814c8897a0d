import { Module } from '@nestjs/common';
import { PartnersModule } from '../partners/partners.module.js';
import { SuspensionsModule } from '../suspensions/suspensions.module.js';
import { AgreementTexts } from './agreement-texts.js';
import { AgreementViews } from './agreement-views.js';
import { AgreementReadingsController, AgreementsController } from './agreements.controller.js';
import { AgreementsService } from './agreements.service.js';
import { AmendmentTexts } from './amendments/amendment-texts.js';
import {
  AgreementAmendmentsController,
  AmendmentReadingsController,
  AmendmentsController,
} from './amendments/amendments.controller.js';
import { AmendmentsService } from './amendments/amendments.service.js';
import { ApprovalsService } from './approval/approvals.service.js';
import { DelegationsController } from './approval/delegations.controller.js';
import { DelegationsService } from './approval/delegations.service.js';
import { CodeListsController } from './code-lists.controller.js';
import { AgreementTies } from './endings/agreement-ties.js';
import { TerminationsController } from './endings/terminations.controller.js';
import { TerminationsService } from './endings/terminations.service.js';
import { ReadingsService } from './negotiation/readings.service.js';
import { RevisionsService } from './negotiation/revisions.service.js';
import { NoticesController } from './notices/notices.controller.js';
import { NoticesService } from './notices/notices.service.js';
import { ObligationBoundaries } from './obligations/obligation-boundaries.js';
import { ObligationMaking } from './obligations/obligation-making.service.js';
import { ObligationsController } from './obligations/obligations.controller.js';
import { ObligationsService } from './obligations/obligations.service.js';
import { PublicationBoundaries } from './publications/publication-boundaries.js';
import { PublicationsController } from './publications/publications.controller.js';
import { PublicationsService } from './publications/publications.service.js';
import { ExecutionService } from './signing/execution.service.js';
import { SignaturesService } from './signing/signatures.service.js';
import { StoppingService } from './stopping.service.js';
import { AgreementBoundaries } from './sweep/agreement-boundaries.js';
import { ClockBoundaries } from './sweep/clock-boundaries.js';
import { Sweeper } from './sweep/sweeper.js';
import { TemplatesController } from './templates/templates.controller.js';
import { VersionReadings } from './version-readings.js';
import { VersionsController } from './versions.controller.js';
import { VersionsService } from './versions.service.js';

@Module({
  imports: [PartnersModule, SuspensionsModule],
  controllers: [
    AgreementsController,
    AgreementReadingsController,
    VersionsController,
    AgreementAmendmentsController,
    AmendmentsController,
    AmendmentReadingsController,
    DelegationsController,
    NoticesController,
    TerminationsController,
    TemplatesController,
    ObligationsController,
    PublicationsController,
    CodeListsController,
  ],
  providers: [
    AgreementsService,
    StoppingService,
    AgreementTexts,
    AgreementViews,
    VersionsService,
    VersionReadings,
    RevisionsService,
    ReadingsService,
    ApprovalsService,
    DelegationsService,
    SignaturesService,
    ExecutionService,
    AmendmentsService,
    AmendmentTexts,
    NoticesService,
    TerminationsService,
    AgreementTies,
    ObligationsService,
    ObligationMaking,
    PublicationsService,
    Sweeper,
    AgreementBoundaries,
    ClockBoundaries,
    ObligationBoundaries,
    PublicationBoundaries,
  ],
  exports: [VersionsService, NoticesService, ObligationMaking, Sweeper],
})
export class AgreementsModule {}
