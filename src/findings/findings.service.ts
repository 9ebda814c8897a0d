import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Actor } from '../kernel/actor.js';
import { Change } from '../audit/change.js';
import { pageOfOwned } from '../audit/owned.js';
import { Page } from '../http/paging.js';
import { Finding } from './finding.entity.js';
import { FindingQuery } from './findings.dto.js';

/** A finding as a rule makes it, before it is kept. */
export type NewFinding = Omit<Finding, 'id' | 'foundAt' | 'subject'>;

/** Keeps findings, each identity once. */
@Injectable()
export class FindingsService {
  constructor(private readonly database: DataSource) {}

  /** Keeps findings within a change; one that is known already takes the newer figures and keeps its id. */
  async keep(change: Change, findings: readonly NewFinding[]): Promise<void> {
    for (const found of findings) {
      const { agreementId, rule, subjectKind, subjectId, periodKind, periodStartsAt } = found;
      const identity = { agreementId, rule, subjectKind, subjectId, periodKind, periodStartsAt };
      const known = await change.manager.findOneBy(Finding, identity);
      const fresh = { id: change.newId(), foundAt: change.at };
      const finding = change.manager.create(Finding, { ...found, ...(known ?? fresh), ...figures(found) });
      await change.save(finding);
      await change.record('finding.detected', finding.subject, { rule, subjectKind, subjectId });
    }
  }

  list(actor: Actor, query: FindingQuery): Promise<Page<Finding>> {
    const where = {
      ...(query.agreementId !== undefined && { agreementId: query.agreementId }),
      ...(query.rule !== undefined && { rule: query.rule }),
    };
    return pageOfOwned(this.database, Finding, { actor, query, where });
  }
}

function figures({ observed, delta, occurrences, evidence, usageDigest }: NewFinding) {
  return { observed, delta, occurrences, evidence, usageDigest };
}
