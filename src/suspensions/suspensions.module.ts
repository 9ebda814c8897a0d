import { Module } from '@nestjs/common';
import { SuspensionsController } from './suspensions.controller.js';
import { SuspensionsService } from './suspensions.service.js';

@Module({ controllers: [SuspensionsController], providers: [SuspensionsService], exports: [SuspensionsService] })
export class SuspensionsModule {}
