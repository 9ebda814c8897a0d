import { Body, Controller, Get, Post, Query, StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Readable } from 'node:stream';
import { Actor } from '../kernel/actor.js';
import { By } from '../http/by.js';
import { Page } from '../http/paging.js';
import { Answers, IdParam, Permit, Sends } from '../http/route.js';
import { statementCsv } from './statement.csv.js';
import { StatementRecord } from './statement.entity.js';
import { statementPage } from './statement.page.js';
import { ClosePeriod, StatementAnswer, StatementQuery } from './statements.dto.js';
import { StatementsService } from './statements.service.js';

@ApiTags('statements')
@Controller('v1')
export class StatementsController {
  constructor(private readonly statements: StatementsService) {}

  @Post('agreements/:id/statements')
  @Permit('statement.close')
  @Answers('Close a period that is over into a sealed statement.', StatementAnswer, {
    status: 201,
    problems: ['invalid_request', 'not_found', 'move_not_allowed', 'period_not_over', 'already_exists'],
  })
  close(@By() actor: Actor, @IdParam() id: string, @Body() body: ClosePeriod): Promise<StatementRecord> {
    return this.statements.close(actor, id, body);
  }

  @Get('statements')
  @Permit('statement.read')
  @Answers('The statements that you may see, newest first.', StatementAnswer, {
    page: true,
    problems: ['invalid_request'],
  })
  list(@By() actor: Actor, @Query() query: StatementQuery): Promise<Page<StatementRecord>> {
    return this.statements.list(actor, query);
  }

  @Get('statements/:id')
  @Permit('statement.read')
  @Answers('What a statement covers, and its digest.', StatementAnswer, { problems: ['not_found'] })
  find(@By() actor: Actor, @IdParam() id: string): Promise<StatementRecord> {
    return this.statements.find(actor, id);
  }

  @Get('statements/:id/document')
  @Permit('statement.read')
  @Sends('The sealed statement; `parley verify statement FILE` checks it offline.', 'application/json', ['not_found'])
  document(@By() actor: Actor, @IdParam() id: string): Promise<string> {
    return this.statements.sealed(actor, id);
  }

  @Get('statements/:id/csv')
  @Permit('statement.read')
  @Sends('The lines of a statement as CSV (RFC 4180).', 'text/csv', ['not_found'])
  async csv(@By() actor: Actor, @IdParam() id: string): Promise<string> {
    return statementCsv(await this.statements.sealed(actor, id));
  }

  @Get('statements/:id/page')
  @Permit('statement.read')
  @Sends('A statement as a page with charts, to read or print.', 'text/html; charset=utf-8', ['not_found'])
  async page(@By() actor: Actor, @IdParam() id: string): Promise<string> {
    return statementPage(await this.statements.sealed(actor, id));
  }

  @Get('statements/:id/events')
  @Permit('statement.read')
  @Sends('The events that a statement judged, as NDJSON.', 'application/x-ndjson', ['not_found'])
  async events(@By() actor: Actor, @IdParam() id: string): Promise<StreamableFile> {
    await this.statements.find(actor, id);
    const type = 'application/x-ndjson';
    return new StreamableFile(Readable.from(this.statements.events(actor, id)), { type });
  }
}
