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

  /**
   * Keeps findings within a change; one that is known already takes the newer figures and keeps its id. One of which
   * nothing is left stays, with nothing as its delta, and the log says that it was cleared.
   */
  async keep(change: Change, findings: readonly NewFinding[]): Promise<void> {
    for (const found of findings) await this.store(change, found, await this.known(change, found));
  }

  /**
   * Keeps a finding that comes together of several reports: to one that is known already, occurrences and delta are
   * added, and evidence that it does not name yet, up to `evidenceMax` pieces. What was known before; null where it
   * is new. Whoever calls holds the row that the finding is about, so that two reports at once are both counted.
   */
  async add(change: Change, found: NewFinding, evidenceMax: number): Promise<Finding | null> {
    const known = await this.known(change, found);
    const { occurrences = 0, delta = 0, evidence = [] } = known ?? {};
    const all = [...new Set([...evidence, ...found.evidence])].slice(0, evidenceMax);
    const sums = { occurrences: occurrences + found.occurrences, delta: delta + found.delta };
    await this.store(change, { ...found, ...sums, evidence: all }, known);
    return known;
  }

  /** By how much a finding that is known already tells; null where none is. */
  async deltaOf(change: Change, found: NewFinding): Promise<number | null> {
    return (await this.known(change, found))?.delta ?? null;
  }

  list(actor: Actor, query: FindingQuery): Promise<Page<Finding>> {
    const where = {
      ...(query.agreementId !== undefined && { agreementId: query.agreementId }),
      ...(query.rule !== undefined && { rule: query.rule }),
    };
    return pageOfOwned(this.database, Finding, { actor, query, where });
  }

  private known(change: Change, found: NewFinding): Promise<Finding | null> {
    const { agreementId, rule, subjectKind, subjectId, periodKind, periodStartsAt } = found;
    return change.manager.findOneBy(Finding, {
      agreementId,
      rule,
      subjectKind,
      subjectId,
      periodKind,
      periodStartsAt,
    });
  }

  private async store(change: Change, found: NewFinding, known: Finding | null): Promise<void> {
    const fresh = { id: change.newId(), foundAt: change.at };
    const finding = change.manager.create(Finding, { ...found, ...(known ?? fresh), ...figures(found) });
    await change.save(finding);
    const { rule, subjectKind, subjectId } = found;
    const action = known !== null && found.delta === 0 ? 'finding.cleared' : 'finding.detected';
    await change.record(action, finding.subject, { rule, subjectKind, subjectId });
  }
}

function figures({ observed, delta, occurrences, evidence, usageDigest }: NewFinding) {
  return { observed, delta, occurrences, evidence, usageDigest };
}
