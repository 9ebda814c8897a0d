import { Controller, Get, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Actor } from '../kernel/actor.js';
import { By } from '../http/by.js';
import { Answers, Permit } from '../http/route.js';
import { IngestService, ItemResult } from './ingest.service.js';
import { readEvents } from './usage-body.js';
import { usageEventSchema } from './usage-event.js';
import { IngestAnswer, UsageAnswer, UsageQuery } from './usage.dto.js';
import { UsageService } from './usage.service.js';

const batchSchema = { type: 'array', maxItems: 1000, items: usageEventSchema };

@ApiTags('usage')
@Controller('v1')
export class UsageController {
  constructor(
    private readonly ingestion: IngestService,
    private readonly usage: UsageService,
  ) {}

  @Post('usage-events')
  @Permit('usage.report')
  @ApiBody({
    required: true,
    schema: { oneOf: [usageEventSchema, batchSchema] } as never,
    description: 'One CloudEvent, a batch of at most 1,000, or NDJSON of at most 10,000 lines.',
  })
  @Answers('Report usage. Durable before it answers; send again with the same ids after any doubt.', IngestAnswer, {
    status: 200,
    problems: ['malformed_request', 'too_large', 'unsupported_media_type'],
  })
  async ingest(
    @By() actor: Actor,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<IngestAnswer> {
    return summary(await this.ingestion.ingest(actor, await readEvents(request, response)));
  }

  @Get('usage')
  @Permit('usage.read')
  @Answers('Usage under an agreement by key, model and hour.', UsageAnswer, {
    problems: ['invalid_request', 'not_found'],
  })
  sums(@By() actor: Actor, @Query() query: UsageQuery): Promise<UsageAnswer> {
    return this.usage.sums(actor, query);
  }
}

function summary(results: ItemResult[]): IngestAnswer {
  const count = (result: ItemResult['result']) => results.filter((item) => item.result === result).length;
  return {
    recorded: count('recorded'),
    duplicates: count('duplicate'),
    conflicts: count('conflict'),
    rejected: count('rejected'),
    results,
  };
}
