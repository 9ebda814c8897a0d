import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Actor } from '../../kernel/actor.js';
import { Clock } from '../../kernel/clock.js';
import { admittedAddress } from '../../terms/deciding/admitted-address.js';
import { bindingEnd } from '../../terms/deciding/binding-end.js';
import { Amounts } from '../../terms/deciding/decision.js';
import { findOwned } from '../../audit/owned.js';
import { reading } from '../../audit/reading.js';
import { ApiKey } from '../../keys/api-key.entity.js';
import { pricesFor } from '../../quotas/prices/prices.js';
import { WindowRoom } from '../../quotas/rooms.js';
import { evaluateFor } from '../admission.js';
import { upperBound } from '../prepared-questions.js';
import { KeyFacts, StandingReader } from '../standing.js';
import { KeyStandingAnswer, ModelDecisionShape, StandingQuery } from './key-standing.dto.js';
import { roomsByModel, shownRoom } from './model-rooms.js';

/** A request of one model, apart from the model. */
interface Asked {
  endpoint: string;
  capabilities: string[];
  address: string | null;
}

/** The least that a request can ask of a quota. */
const smallest = { input_tokens: 0, max_output_tokens: 0 };

/**
 * Tells whether a key would work now, and if not, why: by the facts and the function by which a gateway is answered.
 * Nothing is consumed, opened or written.
 */
@Injectable()
export class KeyStandings {
  constructor(
    private readonly database: DataSource,
    private readonly clock: Clock,
    private readonly standing: StandingReader,
  ) {}

  find(actor: Actor, id: string, query: StandingQuery): Promise<KeyStandingAnswer> {
    return reading(this.database, async (manager) => {
      const at = this.clock.now();
      const key = await findOwned(manager, ApiKey, actor, id);
      const facts = (await this.standing.readKeys(manager, [key.id], at)).get(key.id)!;
      const models = query.model === undefined ? facts.standing.key!.models : [query.model];
      const asked = askedOf(facts, query);
      const rooms = await roomsByModel(manager, facts, models, at);
      const prices = await pricesFor(manager, models, [...rooms.values()].flat());
      const decisions = [...rooms].map(([model, windows]) => {
        const amounts = upperBound({ model, estimate: smallest }, prices, at);
        return decisionOf(facts, { ...asked, model, amounts }, windows, at);
      });
      return answer(facts, asked, decisions, at);
    });
  }
}

function askedOf({ version, standing }: KeyFacts, { endpoint, capability, address }: StandingQuery): Asked {
  const { capabilities, endpoints, networks } = standing.key!;
  const sampling = capabilities.includes('sampling') ? ['sampling'] : [...capabilities];
  return {
    endpoint: endpoint ?? endpoints[0]!,
    capabilities: capability === undefined ? sampling : [...new Set(capability.split(','))],
    address: address ?? admittedAddress([version.terms.networks.cidrs, networks]),
  };
}

function decisionOf(
  facts: KeyFacts,
  { model, endpoint, capabilities, address, amounts }: Asked & { model: string; amounts: Amounts },
  windows: readonly WindowRoom[],
  at: Date,
): ModelDecisionShape {
  const request = { model, endpoint, capabilities, client: { ip: address } };
  const { outcome, code, reasons } = evaluateFor(facts, { request }, amounts, windows, at);
  return { model, endpoint, outcome, code, reasons: [...reasons], limits: windows.map(shownRoom) };
}

function answer(facts: KeyFacts, asked: Asked, decisions: ModelDecisionShape[], at: Date): KeyStandingAnswer {
  const { keyId, publicId, version, standing } = facts;
  const { expiresAt, endsWith } = bindingEnd(version.terms, standing);
  return {
    keyId,
    publicId,
    works: decisions.some(({ outcome }) => outcome !== 'deny'),
    at: at.toISOString(),
    agreementVersion: version.number,
    expiresAt: expiresAt.toISOString(),
    endsWith,
    asked,
    decisions,
  };
}
