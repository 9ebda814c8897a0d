import { Injectable } from '@nestjs/common';
import { EntityManager } from 'typeorm';
import { Actor } from '../kernel/actor.js';
import { Clock } from '../kernel/clock.js';
import { Refusal } from '../kernel/refusal.js';
import { Change } from '../audit/change.js';
import { Suspension } from '../suspensions/suspension.entity.js';
import { coversAll, isAbout, SuspensionsService } from '../suspensions/suspensions.service.js';
import { Agreement, AgreementState } from './agreement.entity.js';
import { AgreementRevision } from './negotiation/agreement-revision.entity.js';
import { signatureWindow } from './negotiation/negotiated-text.js';
import { TextTransition } from './negotiation/text-transition.entity.js';
import { lastMoveBy, movesBy } from './negotiation/transitions.js';
import { expiryOf, StandingStatus, statusOf } from './status.js';
import { VersionHead, VersionsService } from './versions.service.js';
import { versionAt } from './versions.js';

/** An agreement with what follows from facts. */
export type AgreementView = Agreement & {
  status: StandingStatus;
  /** The number of the version that holds; null before the first begins. */
  versionNumber: number | null;
  effectiveFrom: Date | null;
  /** As the version in force, or else the newest, has it. */
  expiresAt: Date | null;
  /** Every stop in force that touches it, whatever its scope. */
  suspensions: Suspension[];
  allowedActions: string[];
};

/** The facts beside its own row that an agreement is seen by. */
interface Facts {
  state: AgreementState;
  endedAt: Date | null;
  versions: readonly VersionHead[];
  suspensions: readonly Suspension[];
}

/** Agreements as people see them: with their status, what stops them and what may be done. */
@Injectable()
export class AgreementViews {
  constructor(
    private readonly clock: Clock,
    private readonly versions: VersionsService,
    private readonly suspensions: SuspensionsService,
  ) {}

  /** The agreement as it stands within a change under way, which alone sees what it has written. */
  async viewIn({ actor, manager }: Change, agreement: Agreement): Promise<AgreementView> {
    const [view] = await this.views(manager, actor, [agreement]);
    return view!;
  }

  /** Agreements as they stand now, by two queries however many they are. */
  async views(manager: EntityManager, actor: Actor, agreements: readonly Agreement[]): Promise<AgreementView[]> {
    const at = this.clock.now();
    const ids = agreements.map(({ id }) => id);
    const organisations = [...new Set(agreements.map(({ organisationId }) => organisationId))];
    const versions = await this.versions.of(manager, ids);
    const suspensions = await this.suspensions.inForce(manager, organisations, at);
    return agreements.map((agreement) => {
      const { id, state, endedAt } = agreement;
      const facts = { state, endedAt, versions: versions.get(id) ?? [], suspensions: touching(agreement, suspensions) };
      return Object.assign(agreement, derived(facts, at), { allowedActions: agreement.allowedTo(actor) });
    });
  }

  /**
   * The agreement as it stood at an instant of the past: its state, text, version and stops. What has been done since
   * does not show, and nothing may be done to the past.
   */
  async asOf(manager: EntityManager, actor: Actor, agreement: Agreement, at: Date): Promise<AgreementView> {
    const move = await this.moveAt(manager, actor, agreement, at);
    const state = move.toState as AgreementState;
    const versions = (await this.versions.of(manager, [agreement.id])).get(agreement.id) ?? [];
    const suspensions = await this.suspensions.inForce(manager, [agreement.organisationId], at);
    const facts = {
      state,
      endedAt: state === 'terminated' || state === 'superseded' ? agreement.endedAt : null,
      versions: versions.filter(({ executedAt }) => executedAt <= at),
      suspensions: touching(agreement, suspensions).map((stop) => stop.asOf(at)),
    };
    const head = await headBy(manager, agreement.id, at);
    const version = await movesBy(manager, agreement.id, at);
    return Object.assign(agreement, derived(facts, at), {
      state,
      endedAt: facts.endedAt,
      turn: null,
      signBy: state === 'out_for_signature' ? await signByAt(manager, agreement.id, at) : null,
      version,
      headNumber: head.number,
      headDigest: head.digest,
      allowedActions: [],
    });
  }

  /** The move by which the agreement stood at an instant; refuses the future, and what was not there for the actor. */
  private async moveAt(manager: EntityManager, actor: Actor, { id }: Agreement, at: Date): Promise<TextTransition> {
    if (at > this.clock.now()) {
      throw new Refusal('invalid_request', 'That instant has not come yet.', { pointer: '/asOf' });
    }
    const move = await lastMoveBy(manager, id, at);
    if (!move || (actor.side === 'partner' && !move.shown)) throw new Refusal('not_found');
    return move;
  }
}

function touching({ id: agreementId, organisationId }: Agreement, suspensions: readonly Suspension[]): Suspension[] {
  return suspensions.filter((stop) => isAbout(stop, { organisationId, agreementId }));
}

function derived({ state, endedAt, versions, suspensions }: Facts, at: Date) {
  const version = versionAt(versions, at);
  const shown = version ?? versions.at(-1) ?? null;
  const wholeStops = suspensions.filter(coversAll).length;
  return {
    status: statusOf({ state, endedAt, versions, wholeStops }, at),
    versionNumber: version?.number ?? null,
    effectiveFrom: versions[0]?.effectiveFrom ?? null,
    expiresAt: shown && expiryOf(shown.terms),
    suspensions: [...suspensions],
  };
}

/** By when a text was to be signed that was out for signature at an instant: it follows from its last release. */
async function signByAt(manager: EntityManager, textId: string, at: Date): Promise<Date | null> {
  const release = await lastMoveBy(manager, textId, at, 'release');
  return release && new Date(release.at.getTime() + signatureWindow);
}

async function headBy(manager: EntityManager, textId: string, at: Date): Promise<AgreementRevision> {
  return manager
    .createQueryBuilder(AgreementRevision, 'r')
    .where('r.textId = :textId AND r.createdAt <= :at', { textId, at })
    .orderBy('r.number', 'DESC')
    .getOneOrFail();
}
