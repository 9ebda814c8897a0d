import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { Actor } from '../kernel/actor.js';
import { canonicalJson } from '../kernel/canonical-json.js';
import { minute } from '../kernel/clock.js';
import { Config } from '../kernel/configuration.js';
import { digestOf } from '../kernel/digests.js';
import { periodStarting } from '../kernel/periods.js';
import { Refusal } from '../kernel/refusal.js';
import { AgreementVersion } from '../agreements/agreement-version.entity.js';
import { Agreement } from '../agreements/agreement.entity.js';
import { Change } from '../audit/change.js';
import { Changes } from '../audit/changes.js';
import { findOwned, pageOfOwned } from '../audit/owned.js';
import { Sealer } from '../audit/seal.js';
import { FindingsService } from '../findings/findings.service.js';
import { Page } from '../http/paging.js';
import { PartnerOrganisation } from '../partners/partner-organisation.entity.js';
import { coverageOf, Reckoner } from './reckon.js';
import { Coverage, readEvents, readFacts } from './statement-inputs.js';
import { Statement } from './statement.js';
import { StatementRecord } from './statement.entity.js';
import { ClosePeriod, StatementQuery } from './statements.dto.js';
import { agreementZone } from './zone.js';

/** Decisions made in the last moment of a period are committed well within this, on every node. */
const graceBeforeClosing = minute;

/** Closes periods into sealed statements, and hands them out. */
@Injectable()
export class StatementsService {
  constructor(
    private readonly changes: Changes,
    private readonly database: DataSource,
    private readonly sealer: Sealer,
    private readonly findings: FindingsService,
    private readonly config: Config,
  ) {}

  /**
   * Closes a period that is over. It waits for batches of usage under way and keeps new ones out until it is done, so
   * that each event is in exactly one statement of its kind.
   */
  close(actor: Actor, agreementId: string, { kind, date }: ClosePeriod): Promise<StatementRecord> {
    return this.changes.run(actor, async (change) => {
      await change.manager.query("SET LOCAL statement_timeout = '10min'");
      const agreement = await change.hold(Agreement, agreementId);
      const { terms } = await firstVersion(change.manager, agreementId);
      const timezone = agreementZone(terms);
      const period = periodOf(kind, timezone, date);
      const closableAt = new Date(period.endsAt.getTime() + graceBeforeClosing);
      if (change.at < closableAt) {
        throw new Refusal('period_not_over', `The period can be closed from ${closableAt.toISOString()} on.`);
      }
      const previous = await this.previousOf(change.manager, agreementId, kind, period.startsAt);
      const coverage = { agreementId, ...period, lastBatch: await lastBatchOf(change.manager), previous };
      const statement = await this.reckon(change, agreement, { kind, timezone, coverage, previous });
      return this.keep(change, agreement, statement, coverage);
    });
  }

  async find(actor: Actor, id: string): Promise<StatementRecord> {
    return findOwned(this.database, StatementRecord, actor, id);
  }

  /** The sealed statement, byte for byte. */
  async sealed(actor: Actor, id: string): Promise<string> {
    await this.find(actor, id);
    const { sealed } = await this.database
      .getRepository(StatementRecord)
      .findOneOrFail({ where: { id }, select: { id: true, sealed: true } });
    return sealed.toString();
  }

  /** The events of a statement as NDJSON, for `parley verify statement FILE --events FILE`. */
  async *events(actor: Actor, id: string): AsyncGenerator<string> {
    const record = await this.find(actor, id);
    const { agreementId, kind, startsAt, endsAt, lastBatch } = record;
    const previous = await this.statementBefore(this.database.manager, agreementId, kind, startsAt);
    const runner = this.database.createQueryRunner();
    try {
      await runner.startTransaction('REPEATABLE READ');
      // A long sort and a slow reader are no trouble here; the rows are there for good.
      await runner.query("SET LOCAL statement_timeout = '10min'");
      await runner.query("SET LOCAL idle_in_transaction_session_timeout = '10min'");
      const coverage = { agreementId, startsAt, endsAt, lastBatch, previous };
      for await (const event of readEvents(runner.manager, coverage)) yield `${canonicalJson(event)}\n`;
      await runner.commitTransaction();
    } finally {
      if (runner.isTransactionActive) await runner.rollbackTransaction();
      await runner.release();
    }
  }

  list(actor: Actor, query: StatementQuery): Promise<Page<StatementRecord>> {
    const where = query.agreementId === undefined ? {} : { agreementId: query.agreementId };
    return pageOfOwned(this.database, StatementRecord, { actor, query, where });
  }

  /** The statement before; refuses where this period or a later one is closed already. */
  private async previousOf(manager: EntityManager, agreementId: string, kind: string, startsAt: Date) {
    const newest = await this.statementBefore(manager, agreementId, kind, null);
    if (newest && newest.startsAt >= startsAt) {
      throw new Refusal('already_exists', 'This period, or a later one, is closed already.', { pointer: '/date' });
    }
    return newest;
  }

  private statementBefore(manager: EntityManager, agreementId: string, kind: string, startsAt: Date | null) {
    return manager
      .createQueryBuilder(StatementRecord, 's')
      .where('s.agreementId = :agreementId AND s.kind = :kind', { agreementId, kind })
      .andWhere(startsAt === null ? 'TRUE' : 's.startsAt < :startsAt', { startsAt })
      .orderBy('s.startsAt', 'DESC')
      .getOne();
  }

  private async reckon(change: Change, agreement: Agreement, closing: Closing): Promise<Statement> {
    const { kind, timezone, coverage, previous } = closing;
    const partner = await change.manager.findOneByOrFail(PartnerOrganisation, { id: agreement.organisationId });
    const facts = await readFacts(change.manager, coverage);
    const reckoner = new Reckoner(facts, coverage.startsAt.toISOString());
    for await (const event of readEvents(change.manager, coverage)) reckoner.add(event);
    return {
      schema: 'parley-statement/1',
      agreement: {
        id: agreement.id,
        title: agreement.title,
        provider: this.config.values.labName,
        evaluator: partner.legalName,
      },
      number: (previous?.number ?? 0) + 1,
      previousDigest: previous?.digest ?? null,
      period: {
        kind,
        startsAt: coverage.startsAt.toISOString(),
        endsAt: coverage.endsAt.toISOString(),
        timezone,
      },
      closedAt: change.at.toISOString(),
      coverage: coverageOf(facts.versions.at(-1)!.terms),
      facts,
      ...reckoner.finish(),
    };
  }

  private async keep(change: Change, agreement: Agreement, statement: Statement, coverage: Coverage) {
    const { id: agreementId, organisationId } = agreement;
    const sealed = this.sealer.seal({ ...statement });
    const record = change.manager.create(StatementRecord, {
      id: change.newId(),
      organisationId,
      agreementId,
      kind: statement.period.kind,
      number: statement.number,
      startsAt: coverage.startsAt,
      endsAt: coverage.endsAt,
      closedAt: change.at,
      lastBatch: coverage.lastBatch,
      findings: statement.findings.length,
      digest: digestOf(sealed),
      sealed,
    });
    await change.save(record);
    const { digest, number } = record;
    const subject = { kind: 'statement', id: record.id, organisationId };
    await change.record('statement.closed', subject, { digest, number, findings: record.findings });
    await this.findings.keep(
      change,
      statement.findings.map(({ subject: about, ...found }) => ({
        ...found,
        organisationId,
        agreementId,
        subjectKind: about.kind,
        subjectId: about.id,
        periodKind: statement.period.kind,
        periodStartsAt: coverage.startsAt,
        usageDigest: statement.events.root,
      })),
    );
    return record;
  }
}

interface Closing {
  kind: 'day' | 'month';
  timezone: string;
  coverage: Coverage;
  previous: StatementRecord | null;
}

function periodOf(kind: 'day' | 'month', timezone: string, date: string): { startsAt: Date; endsAt: Date } {
  try {
    return periodStarting(kind, timezone, date);
  } catch {
    const expected = kind === 'month' ? 'the first of a month' : `a day of ${timezone}`;
    throw new Refusal('invalid_request', `No ${kind} starts on ${date}.`, { pointer: '/date', expected });
  }
}

/** The first version, whose zone all periods of the agreement keep: an amendment must not make days overlap. */
async function firstVersion(manager: EntityManager, agreementId: string): Promise<AgreementVersion> {
  const version = await manager.findOneBy(AgreementVersion, { agreementId, number: 1 });
  if (!version) throw new Refusal('move_not_allowed', 'The agreement is not executed.');
  return version;
}

/** The newest batch that is committed; batches for this agreement wait for its row, so none below can still come. */
async function lastBatchOf(manager: EntityManager): Promise<number> {
  const rows: { last: number }[] = await manager.query('SELECT coalesce(max(id), 0) AS last FROM usage_batch');
  return rows[0]!.last;
}
