import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { systemActor } from '../../kernel/actor.js';
import { day } from '../../kernel/clock.js';
import { lastHeld } from '../../agreements/status.js';
import { VersionHead, VersionsService } from '../../agreements/versions.service.js';
import { Change } from '../../audit/change.js';
import { Changes } from '../../audit/changes.js';
import { MerkleTree } from '../../audit/merkle.js';
import { QuotaLease } from '../../quotas/leases/quota-lease.entity.js';
import { quarantineExpired } from '../../quotas/leases/quarantine.js';
import { QuotaWindow } from '../../quotas/quota-window.entity.js';
import { FindingsService, NewFinding } from '../findings.service.js';
import { unaccountedRule } from './unaccounted-rule.js';

/** Another process has just kept the same figures; nothing of the change remains. */
class KeptAlready extends Error {}

// Two looks, each by an index that holds few rows: what has no finding with these figures yet, and what has got less.
const staleSql = `
  SELECT l.id FROM quota_lease l
  WHERE l.state <> 'closed' AND l.state = 'quarantined' AND l.spent < l.granted
    AND NOT EXISTS (SELECT FROM finding f WHERE f.rule = '${unaccountedRule.id}' AND f.delta > 0
      AND f.subject_id = l.id::text)
  UNION
  SELECT l.id FROM finding f JOIN quota_lease l ON l.id = f.subject_id::uuid
  WHERE f.rule = '${unaccountedRule.id}' AND f.delta > 0
    AND f.delta <> CASE l.state WHEN 'closed' THEN 0 ELSE l.granted - l.spent END
  ORDER BY id`;

/**
 * Looks after leases whose node was lost: quarantines them, and keeps a finding about each that tells how much of it is
 * still unaccounted for. The finding shrinks as decisions of the node become known, and comes to nothing when they
 * account for all of it, or what was left was given back.
 */
@Injectable()
export class UnaccountedLeases {
  constructor(
    private readonly database: DataSource,
    private readonly changes: Changes,
    private readonly versions: VersionsService,
    private readonly findings: FindingsService,
  ) {}

  /** Looks once. Every process may, as often as it likes. */
  async look(): Promise<void> {
    const { manager } = this.database;
    await quarantineExpired(manager);
    const stale: { id: string }[] = await manager.query(staleSql);
    for (const { id } of stale) await this.keep(id);
  }

  private async keep(id: string): Promise<void> {
    try {
      await this.changes.run(systemActor, async (change) => {
        // Whoever looks at the same moment waits here, and then finds that it was kept.
        const lease = await change.lock(QuotaLease, id);
        const found = await this.findingOf(change, lease);
        if ((await this.findings.deltaOf(change, found)) === found.delta) throw new KeptAlready();
        await this.findings.keep(change, [found]);
      });
    } catch (error) {
      if (!(error instanceof KeptAlready)) throw error;
    }
  }

  private async findingOf({ manager }: Change, lease: QuotaLease): Promise<NewFinding> {
    const { left, granted, nodeId, windowId, organisationId } = lease;
    const quarantinedAt = lease.quarantinedAt!;
    const window = await manager.findOneByOrFail(QuotaWindow, { id: windowId });
    const { agreementId, quotaId, measure } = window;
    const versions = (await this.versions.of(manager, [agreementId])).get(agreementId)!;
    const version = lastHeld(versions, null, quarantinedAt) ?? versions[0]!;
    return {
      organisationId,
      agreementId,
      rule: unaccountedRule.id,
      ruleVersion: unaccountedRule.version,
      severity: unaccountedRule.severity,
      subjectKind: 'quota_lease',
      subjectId: lease.id,
      periodKind: 'day',
      periodStartsAt: new Date(Math.floor(quarantinedAt.getTime() / day) * day),
      clauseRef: clauseOf(versions, quotaId),
      expected: `an account of all ${granted} ${measure} of ${quotaId} that were lent to node ${nodeId}`,
      observed: left === 0 ? 'all of it is accounted for' : `up to ${left} used and not accounted for`,
      delta: left,
      unit: measure,
      occurrences: 1,
      evidence: [`node ${nodeId}`, `window ${windowId}`, `quarantined at ${quarantinedAt.toISOString()}`],
      termsDigest: version.digest,
      usageDigest: `sha-256:${new MerkleTree().root().toString('hex')}`,
    };
  }
}

/** The clause of a quota in the newest version that has it: an amendment may have dropped it since. */
function clauseOf(versions: readonly VersionHead[], quotaId: string): string {
  const quotas = versions.toReversed().flatMap(({ terms }) => terms.quotas);
  return quotas.find(({ id }) => id === quotaId)?.clauseRef ?? '';
}
