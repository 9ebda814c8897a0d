import { Module } from '@nestjs/common';
import { FindingsModule } from '../findings/findings.module.js';
import { StatementsController } from './statements.controller.js';
import { StatementsService } from './statements.service.js';

@Module({ imports: [FindingsModule], controllers: [StatementsController], providers: [StatementsService] })
export class ReconciliationModule {}
