import { Injectable } from '@nestjs/common';
import { Change } from '../../audit/change.js';
import { Changes } from '../../audit/changes.js';
import { Actor } from '../../kernel/actor.js';
import { derivedId } from '../../kernel/ids.js';
import { Refusal } from '../../kernel/refusal.js';
import { Agreement } from '../agreement.entity.js';
import { lastHeld } from '../status.js';
import { VersionHead, VersionsService } from '../versions.service.js';
import { versionInForce } from '../versions.js';
import { Obligation } from './obligation.entity.js';
import { Disclose } from './obligations.dto.js';
import { ObligationView, viewOf } from './obligations.service.js';
import { obligationsDue, obligationsUpon, PlannedObligation } from './schedule.js';

/** A campaign that was just completed. */
export interface EndedCampaign {
  readonly id: string;
  readonly agreementId: string;
}

/** Where an obligation comes from beside the terms. */
type Occasion = Partial<Pick<Obligation, 'campaignId' | 'discoveredAt' | 'ownerId'>>;

/** Makes obligations of the terms: when their time begins, when a campaign is completed, when a discovery is told. */
@Injectable()
export class ObligationMaking {
  constructor(
    private readonly changes: Changes,
    private readonly versions: VersionsService,
  ) {}

  /**
   * Makes what time has brought about, as the agreement stands now that it is held; false where it was made before, or
   * is not owed after all because the agreement ended meanwhile.
   */
  async begin(change: Change, agreementId: string, planned: PlannedObligation): Promise<boolean> {
    const agreement = await change.lock(Agreement, agreementId);
    const id = plannedId(agreementId, planned);
    const due = obligationsDue(await this.versionsOf(change, agreementId), agreement.endedAt, change.at);
    const found = due.find((one) => plannedId(agreementId, one) === id);
    return found !== undefined && insert(change, newObligation(change, agreement, found, { id }));
  }

  /**
   * Makes what the terms ask for at the end of a campaign, by the version in force or, once the agreement has ended, the
   * one that held last. The caller holds the campaign and completes it in the same change.
   */
  async campaignEnded(change: Change, { id: campaignId, agreementId }: EndedCampaign): Promise<void> {
    const agreement = await change.manager.findOneByOrFail(Agreement, { id: agreementId });
    const versions = await this.versionsOf(change, agreementId);
    const version = lastHeld(versions, agreement.endedAt, change.at);
    if (version === null) return;
    for (const planned of obligationsUpon('on_campaign_end', version, change.at)) {
      const obligation = newObligation(change, agreement, planned, { id: change.newId(), campaignId });
      if (await insert(change, obligation)) await tellOpened(change, obligation);
    }
  }

  /** Takes note of a discovery that the terms in force at its time ask to disclose; who tells of it sees to it. */
  disclose(actor: Actor, agreementId: string, body: Disclose): Promise<ObligationView> {
    return this.changes.run(actor, async (change) => {
      const agreement = await change.hold(Agreement, agreementId);
      const discoveredAt = new Date(body.discoveredAt);
      const versions = await this.versionsOf(change, agreementId);
      const planned = disclosureOf(versions, agreement, body.termId, { discoveredAt, at: change.at });
      const facts = { id: change.newId(), discoveredAt, ownerId: actor.id };
      const obligation = newObligation(change, agreement, planned, facts);
      await change.save(obligation);
      await tellOpened(change, obligation);
      return viewOf(actor, obligation, change.at);
    });
  }

  private async versionsOf(change: Change, agreementId: string): Promise<VersionHead[]> {
    return (await this.versions.of(change.manager, [agreementId])).get(agreementId) ?? [];
  }
}

/** The id of what time brings about: whoever makes it, and however often they try, it is the same row. */
export function plannedId(
  agreementId: string,
  { kind, termId, beginsAt }: Pick<PlannedObligation, 'kind' | 'termId' | 'beginsAt'>,
): string {
  return derivedId(beginsAt, JSON.stringify([agreementId, kind, termId, beginsAt]));
}

/** What the log keeps of a new obligation. */
export function openingDetail(agreementId: string, planned: Omit<PlannedObligation, 'beginsAt'>) {
  const { kind, termId, clauseRef, versionNumber, period, dueAt } = planned;
  return { agreementId, kind, termId, clauseRef, versionNumber, period, dueAt };
}

function newObligation(
  change: Change,
  { id: agreementId, organisationId }: Agreement,
  { beginsAt: _, period, ...planned }: PlannedObligation,
  occasion: Occasion & { id: string },
): Obligation {
  return change.manager.create(Obligation, {
    ...planned,
    organisationId,
    agreementId,
    campaignId: null,
    discoveredAt: null,
    periodStart: period?.startsAt ?? null,
    periodEnd: period?.endsAt ?? null,
    madeAt: change.at,
    ownerId: null,
    state: Obligation.moves.initial,
    returnReason: null,
    decidedBy: null,
    decidedAt: null,
    waiverProposedBy: null,
    waiverReason: null,
    waivedBy: null,
    version: 1,
    ...occasion,
  });
}

/** Inserts a row unless it is there already; whether it was not. */
async function insert(change: Change, obligation: Obligation): Promise<boolean> {
  const insertion = change.manager.createQueryBuilder().insert().into(Obligation).values(obligation).orIgnore();
  const { raw } = await insertion.returning('id').execute();
  return (raw as unknown[]).length > 0;
}

async function tellOpened(change: Change, obligation: Obligation): Promise<void> {
  const { agreementId, campaignId, discoveredAt } = obligation;
  const detail = openingDetail(agreementId, { ...obligation, period: null });
  await change.record('obligation.opened', obligation.subject, { ...detail, campaignId, discoveredAt });
}

/** The one reporting term that a discovery falls under. */
function disclosureOf(
  versions: readonly VersionHead[],
  { endedAt }: Agreement,
  termId: string | undefined,
  { discoveredAt, at }: { discoveredAt: Date; at: Date },
): PlannedObligation {
  const pointer = '/discoveredAt';
  if (discoveredAt > at) throw new Refusal('invalid_request', 'That instant has not come yet.', { pointer });
  const version = versionInForce(versions, endedAt, discoveredAt);
  if (version === null) throw new Refusal('outside_agreement', 'The agreement was not in force then.', { pointer });
  const owed = obligationsUpon('on_discovery', version, discoveredAt);
  if (owed.length === 0) throw new Refusal('outside_agreement', 'The terms ask for no disclosure on discovery.');
  const named = owed.filter((one) => termId === undefined || one.termId === termId);
  if (named.length === 1) return named[0]!;
  const expected = `one of: ${owed.map((one) => one.termId).join(', ')}`;
  throw new Refusal('invalid_request', 'Say under which term it falls.', { pointer: '/termId', expected });
}
