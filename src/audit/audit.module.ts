import { Global, Module } from '@nestjs/common';
import { AuditLog } from './audit-log.service.js';
import { AuditController } from './audit.controller.js';
import { Changes } from './changes.js';

@Global()
@Module({ controllers: [AuditController], providers: [AuditLog, Changes], exports: [Changes] })
export class AuditModule {}
