import { Injectable, OnModuleInit } from '@nestjs/common';
import { IncomingMessage } from 'node:http';
import { Refusal } from '../kernel/refusal.js';
import { GatewayCredentialsService } from '../access/gateway-credentials.service.js';
import { parseBody } from '../http/body.js';
import { invalid } from '../http/validation.js';
import { bodyOf, unauthenticated } from '../gateway/gateway-request.js';
import { GatewayRoutes, Reply } from '../gateway/gateway-routes.js';
import { readSettleRequest, SettleRequest } from '../gateway/settle-request.js';
import { Allowance, CitedDecisions } from './cited-decisions.js';
import { SettleQueue } from './settle-queue.js';
import { UsageEvent } from './usage-event.js';

/** The source of the events that settling makes; with the authorization as its id, each is one event for ever. */
const source = 'parley:settle';

const bodyBytesMax = 4_096;

/**
 * Serves `POST /v1/authorizations/{id}/settle` on the gateway's listener. A gateway settles where it asked, with the
 * same address and credential, so the route lies there; what it does is to report usage, so it is here. It therefore
 * registers itself with the listener, as readers of boundaries do with the sweeper. Figures become a usage event whose
 * identity and time follow from the authorization: the ingest counts it once, and tells a repetition from a
 * contradiction.
 */
@Injectable()
export class Settle implements OnModuleInit {
  constructor(
    private readonly routes: GatewayRoutes,
    private readonly credentials: GatewayCredentialsService,
    private readonly queue: SettleQueue,
    private readonly cited: CitedDecisions,
  ) {}

  onModuleInit(): void {
    this.routes.register({
      method: 'POST',
      path: '/v1/authorizations/{id}/settle',
      answer: (request, id) => this.settle(request, id),
    });
  }

  private async settle(request: IncomingMessage, id: string): Promise<Reply> {
    const gateway = await this.credentials.authenticate(request.headers.authorization);
    if (gateway === null) throw unauthenticated();
    const figures = readSettleRequest(parseBody(await bodyOf(request, bodyBytesMax)));
    if (Array.isArray(figures)) throw invalid(figures);
    const allowed = await this.find(id);
    if (allowed.reportedOtherwise) {
      throw new Refusal('already_settled', 'A usage event settled this authorization. Settle or report, not both.');
    }
    const taken = await this.queue.take(gateway, eventOf(allowed, figures));
    if (taken.result === 'conflict') {
      throw new Refusal('already_settled', 'It was settled with other figures, which stay; a finding will tell of it.');
    }
    if (taken.result === 'rejected') throw new Refusal('expired', `It cannot be settled any more: ${taken.reason}`);
    return { body: { authorization: id, ...figures } };
  }

  private async find(id: string): Promise<Allowance> {
    const allowed = await this.cited.allowance(id, source);
    if (!allowed) throw new Refusal('not_found', 'No authorization has this id.');
    return allowed;
  }
}

/** The event of a settlement; nothing in it depends on when or by whom it was sent. */
function eventOf(allowed: Allowance, { status, input_tokens, output_tokens, served_model }: SettleRequest): UsageEvent {
  const { id, at, publicId, model, endpoint, address, run } = allowed;
  const used = { model, served_model, endpoint, input_tokens, output_tokens, status };
  return {
    specversion: '1.0',
    id,
    source,
    type: 'ai.usage.v1',
    subject: publicId,
    time: at.toISOString(),
    data: { authorization: id, ...used, run, client_ip: address },
  };
}
