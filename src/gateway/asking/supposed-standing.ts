import {
  AccessRequest,
  CampaignStanding,
  KeyStanding,
  RosterStanding,
  Standing,
  Suspension,
} from '../../terms/deciding/decision.js';
import { Terms } from '../../terms/terms.js';
import { entryAt, isResearcher, rosterStandingOf } from '../../campaigns/roster/roster-standing.js';
import { slicesOf } from '../../quotas/windows.js';
import { Named } from './named.js';

/** Stands for whoever and whatever a question leaves open; nothing that exists has it for an id. */
const supposedId = 'supposed';

/** Whose use a request would be, and to which slices of quotas they keep. */
export function userOf({ key, campaign, researcher }: Named) {
  const [campaignId, researcherId, keyId] = [campaign, researcher?.account, key].map((one) => one?.id ?? supposedId);
  const [ofCampaign, ofKey] = [campaign, key].map((one) => one?.quotas ?? []);
  const ids = { campaignId: campaignId!, researcherId: researcherId!, keyId: keyId! };
  return { ...ids, slices: slicesOf(ofCampaign!, ofKey!) };
}

/** The question that a standing is made for. */
interface Question {
  named: Named;
  terms: Terms;
  request: Omit<AccessRequest, 'address'>;
  agreement: Standing['agreement'];
  /** The instant that is judged. */
  at: Date;
  now: Date;
}

/**
 * All that a decision stands on: what is named as it stood at the instant, and in place of what is left open something
 * that is in order whatever is asked for, so that every reason is one of the terms or of what was named. A campaign is
 * taken in its state of now, for its states are not kept with their times.
 */
export function supposedStanding(question: Question): Standing {
  const { named, agreement } = question;
  return {
    agreement,
    suspensions: stopsAt(question),
    campaign: named.campaign ?? supposedCampaign(question),
    roster: named.researcher ? rosterAt(question) : supposedRoster(question),
    key: named.key ? keyAt(question) : supposedKey(question),
  };
}

/** Whether what is on record had happened. What is asked of now or later goes by all that is on record. */
function had(instant: Date | null, { at, now }: Question): boolean {
  return instant !== null && (at >= now || instant <= at);
}

function stopsAt(question: Question): Suspension[] {
  const { named, at } = question;
  return named.stops
    .filter((stop) => had(stop.suspendedAt, question) && !had(stop.liftedAt, question))
    .map(({ id, scope: kind, target, suspendedAt }) => ({
      id,
      scope: { kind, target },
      from: suspendedAt < at ? suspendedAt : at,
      until: null,
    }));
}

/**
 * The entry that counts; nobody acts whose account is suspended, or who is no researcher. Who vouched is a fact of its
 * time, while an attestation and a role are those of now, since a new one takes the place of the one before.
 */
function rosterAt(question: Question): RosterStanding | null {
  const { account, entries } = question.named.researcher!;
  const suspendedAt = had(account.suspendedAt, question) ? account.suspendedAt : null;
  if (!isResearcher({ roles: account.roles, suspendedAt })) return null;
  const there = entries.filter(({ nominatedAt, removedAt }) => had(nominatedAt, question) && !had(removedAt, question));
  const entry = entryAt(there, question.at);
  if (entry === null) return null;
  const vouchedAs = had(entry.vouchedAt, question) ? entry.vouchedAs : null;
  return { ...rosterStandingOf(entry, account.email), vouchedAs };
}

/** A researcher for whom all is done that the terms ask for. */
function supposedRoster({ terms, at }: Question): RosterStanding {
  const emailDomain = terms.roster.emailDomains[0] ?? '';
  const vouched = { vouchedAs: 'so', cleanTeam: { leftExcludedWorkOn: null } } as const;
  return { researcherId: supposedId, from: at, until: null, emailDomain, ...vouched };
}

/** The key; before it was issued there is none. */
function keyAt(question: Question): KeyStanding | null {
  const { id, issuedAt, revokedAt, expiresAt, models, capabilities, endpoints, networks } = question.named.key!;
  if (!had(issuedAt, question)) return null;
  const state = had(revokedAt, question) ? 'revoked' : 'active';
  return { id, state, expiresAt, models, capabilities, endpoints, networks: networks ?? 'any' };
}

function supposedCampaign({ request: { purpose, model }, at }: Question): CampaignStanding {
  return { id: supposedId, state: 'active', purpose, models: [model], startsAt: at, endsAt: after(at) };
}

function supposedKey({ request: { model, endpoint, capabilities }, at }: Question): KeyStanding {
  const scope = { models: [model], capabilities, endpoints: [endpoint], networks: 'any' as const };
  return { id: supposedId, state: 'active', expiresAt: after(at), ...scope };
}

function after(at: Date): Date {
  return new Date(at.getTime() + 1);
}
