import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Actor } from '../kernel/actor.js';
import { By } from '../http/by.js';
import { Page } from '../http/paging.js';
import { Answers, Permit } from '../http/route.js';
import { AuditLog } from './audit-log.service.js';
import { AuditEntryAnswer, AuditQuery } from './audit.dto.js';

/** The audit log, read only. */
@ApiTags('audit')
@Controller('v1/audit-entries')
export class AuditController {
  constructor(private readonly log: AuditLog) {}

  @Get()
  @Permit('audit.read')
  @Answers('The audit entries that you may see, newest first.', AuditEntryAnswer, { page: true })
  list(@By() actor: Actor, @Query() query: AuditQuery): Promise<Page<{ id: string }>> {
    return this.log.list(actor, query);
  }
}
