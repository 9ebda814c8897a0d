import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Actor } from '../kernel/actor.js';
import { Refusal } from '../kernel/refusal.js';
import { Change } from '../audit/change.js';
import { Changes } from '../audit/changes.js';
import { findOwned, pageOfOwned } from '../audit/owned.js';
import { Campaign } from '../campaigns/campaign.entity.js';
import { Page } from '../http/paging.js';
import { KeyFitting, KeyGround } from './key-fitting.service.js';
import { KeyRequest } from './key-request.entity.js';
import { KeyQuery, SubmitKeyRequest } from './keys.dto.js';
import { clearedByTerms } from './scope.js';

export type KeyRequestView = KeyRequest & { allowedActions: string[] };

/** Requests for keys, from the researcher to both approvals. */
@Injectable()
export class KeyRequestsService {
  constructor(
    private readonly changes: Changes,
    private readonly database: DataSource,
    private readonly fitting: KeyFitting,
  ) {}

  submit(actor: Actor, campaignId: string, body: SubmitKeyRequest): Promise<KeyRequestView> {
    return this.changes.run(actor, async (change) => {
      const { agreementId, organisationId } = await change.hold(Campaign, campaignId);
      const request = change.manager.create(KeyRequest, {
        ...body,
        quotas: body.quotas ?? [],
        id: change.newId(),
        organisationId,
        agreementId,
        campaignId,
        expiresAt: new Date(body.expiresAt),
        requestedBy: actor.id,
        state: KeyRequest.moves.initial,
        partnerApprovedBy: null,
        labApprovedBy: null,
        endReason: null,
        submittedAt: change.at,
      });
      await this.fitting.assertFits(change, request);
      await change.save(request);
      await change.record('key_request.submitted', request.subject, { ...body, campaignId });
      return view(actor, request);
    });
  }

  /** Approves for one's own side; the lab's approval falls away where the terms clear such keys. */
  approve(actor: Actor, id: string): Promise<KeyRequestView> {
    return this.changes.run(actor, async (change) => {
      const request = await change.hold(KeyRequest, id);
      const event = request.approve(change);
      const ground = await this.fitting.assertFits(change, request);
      await change.record(event, request.subject);
      if (request.state === 'approved_by_partner') await clear(change, request, ground);
      await change.save(request);
      return view(actor, request);
    });
  }

  /** Rejects, for either side, with the reason that the researcher reads. */
  reject(actor: Actor, id: string, reason: string): Promise<KeyRequestView> {
    return this.changes.run(actor, async (change) => {
      const request = await change.hold(KeyRequest, id);
      const event = request.move('reject', change.at);
      request.endReason = reason;
      await change.save(request);
      await change.record(event, request.subject, { reason });
      return view(actor, request);
    });
  }

  /** Withdraws one's own request. */
  withdraw(actor: Actor, id: string): Promise<KeyRequestView> {
    return this.changes.run(actor, async (change) => {
      const request = await change.hold(KeyRequest, id);
      if (request.requestedBy !== actor.id) throw new Refusal('forbidden', 'Not your request.');
      const event = request.move('withdraw', change.at);
      await change.save(request);
      await change.record(event, request.subject);
      return view(actor, request);
    });
  }

  async find(actor: Actor, id: string): Promise<KeyRequestView> {
    return view(actor, await findOwned(this.database, KeyRequest, actor, id));
  }

  async list(actor: Actor, query: KeyQuery): Promise<Page<KeyRequestView>> {
    const where = {
      ...(query.agreementId !== undefined && { agreementId: query.agreementId }),
      ...(query.campaignId !== undefined && { campaignId: query.campaignId }),
      ...(query.researcherId !== undefined && { requestedBy: query.researcherId }),
    };
    const { data, nextCursor } = await pageOfOwned(this.database, KeyRequest, { actor, query, where });
    return { data: data.map((request) => view(actor, request)), nextCursor };
  }
}

/** Does without the lab's approval where the terms approve such a key. */
async function clear(change: Change, request: KeyRequest, { terms, campaign }: KeyGround): Promise<void> {
  if (!clearedByTerms(terms, campaign, request.expiresAt, change.at)) return;
  const event = request.move('clear', change.at);
  await change.record(event, request.subject, { clause: terms.keys.clauseRef });
}

function view(actor: Actor, request: KeyRequest): KeyRequestView {
  return Object.assign(request, { allowedActions: request.allowedTo(actor) });
}
