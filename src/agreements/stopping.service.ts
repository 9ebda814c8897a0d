import { Injectable } from '@nestjs/common';
import { EntityManager, Not } from 'typeorm';
import { Actor } from '../kernel/actor.js';
import { isId } from '../kernel/ids.js';
import { Refusal } from '../kernel/refusal.js';
import { covers, isPurposeCode } from '../terms/purposes.js';
import { Terms } from '../terms/terms.js';
import { UserAccount } from '../access/user-account.entity.js';
import { Change } from '../audit/change.js';
import { Changes } from '../audit/changes.js';
import { Suspension } from '../suspensions/suspension.entity.js';
import { SuspensionsService } from '../suspensions/suspensions.service.js';
import { Agreement } from './agreement.entity.js';
import { SuspendAgreement } from './agreements.dto.js';
import { Notice } from './notices/notice.entity.js';
import { VersionsService } from './versions.service.js';

/** Stops an agreement, or one purpose, model or researcher of it. Lifting is `SuspensionsService`'s. */
@Injectable()
export class StoppingService {
  constructor(
    private readonly changes: Changes,
    private readonly versions: VersionsService,
    private readonly suspensions: SuspensionsService,
  ) {}

  /** Stops the whole agreement, or one purpose, model or researcher of it, from the moment the change commits. */
  suspend(actor: Actor, id: string, body: SuspendAgreement): Promise<Suspension> {
    return this.changes.run(actor, async (change) => {
      const agreement = await change.hold(Agreement, id);
      // Refuses what was never executed, or has ended: there is nothing to stop.
      const { terms } = await this.versions.current(change, agreement);
      const target = await stopTarget(change, { agreement, terms }, body);
      await assertNoticed(change.manager, id, terms, body);
      const { organisationId } = agreement;
      return this.suspensions.suspend(change, { scope: body.scope, target, organisationId, agreementId: id }, body);
    });
  }
}

/** The agreement that bounds a stop, and its terms in force. */
interface Bounds {
  agreement: Agreement;
  terms: Terms;
}

async function stopTarget({ manager }: Change, { agreement, terms }: Bounds, body: SuspendAgreement): Promise<string> {
  if (body.scope === 'agreement') return agreement.id;
  if (body.scope === 'researcher') return researcherToStop(manager, agreement, body.target);
  return termToStop(terms, body.scope, body.target);
}

/** The researcher to stop, who must be a member of the partner. */
async function researcherToStop(manager: EntityManager, { organisationId }: Agreement, target = ''): Promise<string> {
  if (isId(target) && (await manager.existsBy(UserAccount, { id: target, organisationId }))) return target;
  const expected = 'the id of a member of the partner';
  throw new Refusal('invalid_request', 'The partner has no such researcher.', { pointer: '/target', expected });
}

/** The purpose or model to stop, which must be one that the terms know. */
function termToStop(terms: Terms, kind: 'purpose' | 'model', target?: string): string {
  const names =
    kind === 'purpose'
      ? terms.purposes.permitted.map(({ code }) => code)
      : terms.scope.models.map(({ snapshot }) => snapshot);
  const known = target !== undefined && (kind === 'purpose' ? isPermitted(terms, target) : isModel(terms, target));
  if (known) return target;
  const detail = target === undefined ? 'What is to be stopped is missing.' : `The agreement has no such ${kind}.`;
  const expected = `a ${kind} of the agreement, such as ${names.join(', ') || 'none'}`;
  throw new Refusal('invalid_request', detail, { pointer: '/target', expected });
}

function isPermitted({ purposes }: Terms, target: string): boolean {
  if (!isPurposeCode(target)) return false;
  return purposes.permitted.some(({ code }) => covers(code, target) || covers(target, code));
}

function isModel({ scope }: Terms, target: string): boolean {
  return scope.models.some(({ snapshot, modelId }) => snapshot === target || modelId === target);
}

/**
 * Refuses a stop because of a breach that needed a notice first. What is done for security, for the law, to investigate
 * or at the partner's own wish needs none, nor does a use that the terms name as one that justifies a stop at once.
 */
async function assertNoticed(
  manager: EntityManager,
  agreementId: string,
  { suspension }: Terms,
  stop: SuspendAgreement,
): Promise<void> {
  if (stop.reasonCode !== 'suspected_breach' && stop.reasonCode !== 'confirmed_breach') return;
  if (stop.prohibitedUse !== undefined && suspension.withoutNoticeFor.includes(stop.prohibitedUse)) return;
  const where = { id: stop.noticeId, agreementId, kind: 'breach' as const, servedSide: 'lab' as const };
  const state = Not('withdrawn' as const);
  if (stop.noticeId !== undefined && (await manager.existsBy(Notice, { ...where, state }))) return;
  const uses = suspension.withoutNoticeFor.join(', ') || 'none';
  throw new Refusal('notice_required', `Clause ${suspension.clauseRef} lets these uses be stopped at once: ${uses}.`, {
    pointer: '/noticeId',
    expected: 'the id of a notice of breach that the lab served under this agreement',
  });
}
