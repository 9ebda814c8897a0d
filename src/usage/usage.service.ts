import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Actor } from '../kernel/actor.js';
import { Agreement } from '../agreements/agreement.entity.js';
import { findOwned } from '../audit/owned.js';
import { UsageAnswer, UsageLineShape, UsageQuery } from './usage.dto.js';

/** Sums of usage, from the hour rollup. */
@Injectable()
export class UsageService {
  constructor(private readonly database: DataSource) {}

  async sums(actor: Actor, query: UsageQuery): Promise<UsageAnswer> {
    const agreement = await findOwned(this.database, Agreement, actor, query.agreementId);
    const lines: UsageLineShape[] = await this.database.query(
      `SELECT r.agreement_version AS "agreementVersion", r.campaign_id AS "campaignId", k.public_id AS key, r.model,
         r.purpose, r.hour, r.requests, r.input_tokens AS "inputTokens", r.output_tokens AS "outputTokens"
       FROM usage_rollup r JOIN api_key k ON k.id = r.key_id
       WHERE r.agreement_id = $1 AND r.hour >= coalesce($2, '-infinity'::timestamptz)
         AND r.hour < coalesce($3, 'infinity'::timestamptz)
       ORDER BY r.hour, k.public_id, r.model, r.agreement_version`,
      [agreement.id, query.from ?? null, query.until ?? null],
    );
    return { lines };
  }
}
