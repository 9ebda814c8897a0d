import { Injectable } from '@nestjs/common';
import { DataSource, LessThan } from 'typeorm';
import { Actor } from '../kernel/actor.js';
import { Page, page, pageBounds } from '../http/paging.js';
import { AuditDetail } from './audit-detail.entity.js';
import { AuditEntry } from './audit-entry.entity.js';
import { AuditQuery } from './audit.dto.js';

/** Reads the log. Partners see the log of their own organisation. */
@Injectable()
export class AuditLog {
  constructor(private readonly database: DataSource) {}

  async list(actor: Actor, query: AuditQuery): Promise<Page<{ id: string }>> {
    const bounds = pageBounds(query);
    const entries = await this.database.getRepository(AuditEntry).find({
      where: {
        ...(actor.side === 'partner' && { log: `organisation:${actor.organisationId}` }),
        ...(query.subject !== undefined && { subjectId: query.subject }),
        ...(bounds.before !== null && { id: LessThan(bounds.before) }),
      },
      order: { id: 'DESC' },
      take: bounds.take,
    });
    const { data, nextCursor } = page(entries, bounds);
    return { data: await this.withDetails(data), nextCursor };
  }

  private async withDetails(entries: AuditEntry[]): Promise<{ id: string }[]> {
    const details = await this.database.query<AuditDetail[]>(
      'SELECT entry_id AS "entryId", salt, detail FROM audit_detail WHERE entry_id = ANY($1)',
      [entries.map((entry) => entry.id)],
    );
    const byEntry = new Map(details.map((detail) => [detail.entryId, detail]));
    return entries.map((entry) => ({
      ...entry,
      detail: byEntry.get(entry.id)?.detail ?? null,
      salt: byEntry.get(entry.id)?.salt.toString('hex') ?? null,
      canonical: entry.canonical.toString(),
      leafHash: entry.leafHash.toString('hex'),
    }));
  }
}
