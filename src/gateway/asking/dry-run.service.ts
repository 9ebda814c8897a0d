import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { Actor } from '../../kernel/actor.js';
import { Clock } from '../../kernel/clock.js';
import { Refusal } from '../../kernel/refusal.js';
import { admittedAddress } from '../../terms/deciding/admitted-address.js';
import { AccessRequest, Standing } from '../../terms/deciding/decision.js';
import { evaluate } from '../../terms/deciding/evaluate.js';
import { Terms } from '../../terms/terms.js';
import { findOwned } from '../../audit/owned.js';
import { reading } from '../../audit/reading.js';
import { Agreement } from '../../agreements/agreement.entity.js';
import { AgreementRevision } from '../../agreements/negotiation/agreement-revision.entity.js';
import { versionAt } from '../../agreements/versions.js';
import { VersionsService } from '../../agreements/versions.service.js';
import { pricesFor } from '../../quotas/prices/prices.js';
import { leastRooms, readRooms } from '../../quotas/rooms.js';
import { windowsOf } from '../../quotas/windows.js';
import { upperBound } from '../prepared-questions.js';
import { BasisShape, TriedDecisionAnswer, TryDecision } from './dry-run.dto.js';
import { Named, readNamed } from './named.js';
import { userOf, supposedStanding } from './supposed-standing.js';

/** What is taken for an estimate that is left out. */
const none = { input_tokens: 0, max_output_tokens: 0 };

/** The terms that decide, and how the agreement stands. */
interface Basis {
  shown: BasisShape;
  terms: Terms;
  agreement: Standing['agreement'];
}

/** Decides what nobody asks for in earnest: by the same function as an admission, consuming and writing nothing. */
@Injectable()
export class DryRuns {
  constructor(
    private readonly database: DataSource,
    private readonly clock: Clock,
    private readonly versions: VersionsService,
  ) {}

  try(actor: Actor, agreementId: string, body: TryDecision): Promise<TriedDecisionAnswer> {
    return reading(this.database, async (manager) => {
      const now = this.clock.now();
      const at = body.at === undefined ? now : new Date(body.at);
      const agreement = await findOwned(manager, Agreement, actor, agreementId);
      assertEnoughNamed(body);
      const named = await readNamed(manager, agreement, body);
      const { shown, terms, agreement: agreed } = await this.basisAt(manager, agreement, at);
      const request = requestOf(agreement, named, terms, body);
      const prices = await pricesFor(manager, [body.model], terms.quotas);
      const { outcome, code, reasons, applies } = evaluate(
        terms,
        {
          standing: supposedStanding({ named, terms, request, agreement: agreed, at, now }),
          request,
          amounts: upperBound({ model: body.model, estimate: body.estimate ?? none }, prices, at),
          room: await roomFor(manager, named, { terms, request, at }),
        },
        at,
      );
      const { purpose, model, endpoint, capabilities, address } = request;
      const asked = { purpose, model, endpoint, capabilities: [...capabilities], address };
      const why = { reasons: [...reasons], applies: [...applies] };
      return { outcome, code, ...why, basis: shown, at: at.toISOString(), asked };
    });
  }

  /** The version that holds at an instant or, before the first begins, the first; a draft's newest text as if executed. */
  private async basisAt(manager: EntityManager, { id, endedAt, headNumber }: Agreement, at: Date): Promise<Basis> {
    const versions = (await this.versions.of(manager, [id])).get(id);
    if (versions) {
      const { number, digest, terms, executedAt } = versionAt(versions, at) ?? versions[0]!;
      return { shown: { kind: 'version', number, digest }, terms, agreement: { executedAt, endedAt } };
    }
    const { terms } = await manager.findOneByOrFail(AgreementRevision, { textId: id, number: headNumber });
    return { shown: { kind: 'revision', number: headNumber }, terms, agreement: { executedAt: at, endedAt: null } };
  }
}

function assertEnoughNamed({ purpose, campaignId, keyId }: TryDecision): void {
  if (purpose !== undefined || campaignId !== undefined || keyId !== undefined) return;
  const expected = 'a purpose, or a campaignId or keyId that implies one';
  throw new Refusal('invalid_request', 'Nothing tells the purpose.', { pointer: '/purpose', expected });
}

function requestOf(agreement: Agreement, named: Named, terms: Terms, body: TryDecision): AccessRequest {
  const { model, endpoint, capabilities = ['sampling'] } = body;
  const address =
    body.address === undefined ? admittedAddress([terms.networks.cidrs, named.key?.networks ?? 'any']) : body.address;
  return {
    organisationId: agreement.organisationId,
    agreementId: agreement.id,
    model,
    endpoint,
    capabilities,
    purpose: body.purpose ?? named.campaign!.purpose,
    address,
  };
}

/**
 * What is left for those who are named; null where nobody is, for then only the limits can be told. Whoever is supposed
 * has used nothing.
 */
async function roomFor(
  manager: EntityManager,
  named: Named,
  { terms, request, at }: { terms: Terms; request: AccessRequest; at: Date },
): Promise<Map<string, number> | null> {
  if (!named.key && !named.campaign && !named.researcher) return null;
  const windows = windowsOf(terms, { ...request, ...userOf(named) }, at);
  return leastRooms([...(await readRooms(manager, windows)).values()]);
}
