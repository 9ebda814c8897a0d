import { owedRequests } from './owed-requests.js';
import { keyRequests, partnerRequests } from './partner-requests.js';
import { because, moves, request, Requests } from './request.js';
import { amendmentRequests, lastClause, textRequests, wholeText } from './text-requests.js';
import { inHours, Things } from './things.js';
import { workRequests } from './work-requests.js';

const stop = () => ({ scope: 'model', target: 'atlas-2', reasonCode: 'security', reason: 'A reason' });
const ending = () => ({ kind: 'mutual', reason: 'A reason' });
const breach = () => ({ kind: 'breach', clauseRef: '3', prohibitedUse: 'model_training', body: 'You trained on it.' });
const decision = () => ({ decision: 'So be it.' });
const remedy = () => ({ remedy: 'We stopped.' });
// The day is not over at the instant at which a stage opens.
const period = () => ({ kind: 'day', date: '2026-03-02' });

/** What is made under an agreement, or an agreement itself. */
function agreementRequests(things: Things): Requests {
  const { people, story, executed, noticed, stage, newcomer, researcher } = things;
  const { partnerAdmin, partnerships, compliance, approver } = people;
  const [route, own] = ['POST /v1/agreements', `/v1/agreements/${story.agreementId}`];
  const text = () => wholeText(things);
  const draft = () => ({ ...text(), organisationId: story.organisationId, title: 'A draft' });
  const change = () => ({ ...text(), kind: 'material', effectiveFrom: inHours(stage, 5), rationale: 'Why not.' });
  const campaign = () => ({
    title: 'A campaign',
    purpose: 'robustness.jailbreak',
    models: ['atlas-2-2026-03-01'],
    evaluationSets: [],
    startsAt: inHours(stage, 1),
    endsAt: inHours(stage, 2),
    expectedRequests: 10,
    leadId: researcher,
  });
  const nomination = () => ({
    userId: newcomer,
    startsAt: inHours(stage, 1),
    endsAt: inHours(stage, 2),
    identityCheck: 'document_check',
  });
  const tried = () => ({
    at: inHours(stage, 1),
    purpose: 'robustness.jailbreak',
    researcherId: researcher,
    model: 'atlas-2-2026-03-01',
    endpoint: 'messages',
    capabilities: ['sampling'],
    address: '198.51.100.20',
    estimate: { input_tokens: 1, max_output_tokens: 1 },
  });
  const free = { exact: [lastClause] };
  return {
    [route]: request(partnerships, '/v1/agreements', draft, free),
    [`${route}/{id}/amendments`]: request(partnerships, `${executed.at}/amendments`, change, free),
    [`${route}/{id}/suspensions`]: request(compliance, `${executed.at}/suspensions`, stop, { exact: ['/target'] }),
    [`${route}/{id}/notices`]: request(compliance, `${noticed.at}/notices`, breach),
    [`${route}/{id}/terminations`]: request(approver, `${executed.at}/terminations`, ending),
    [`${route}/{id}/campaigns`]: request(partnerAdmin, `${own}/campaigns`, campaign, { exact: ['/purpose'] }),
    [`${route}/{id}/roster`]: request(partnerAdmin, `${own}/roster`, nomination, moves),
    [`${route}/{id}/decisions`]: request(partnerAdmin, `${own}/decisions`, tried, { leaves: 'nothing' }),
    [`${route}/{id}/statements`]: request(compliance, `${own}/statements`, period, { answers: 409 }),
  };
}

/** What follows from an agreement: notices, terminations, delegations. */
function otherRequests({ people, stage, notices, termination, compliancePerson, lease }: Things): Requests {
  const { approver, compliance, partnerAdmin, partnerships } = people;
  const price = () => ({
    model: 'atlas-2-2026-03-01',
    currency: 'USD',
    inputPerMillion: 3_000_000,
    outputPerMillion: 15_000_000,
    cachedInputPerMillion: 300_000,
    effectiveFrom: inHours(stage, 1),
  });
  const delegation = () => ({
    delegateId: compliancePerson,
    stage: 'legal',
    from: inHours(stage, 1),
    until: inHours(stage, 2),
    reason: 'A reason',
  });
  const [breached, remedied] = [`/v1/notices/${notices.breach}`, `/v1/notices/${notices.remedied}`];
  const ended = `/v1/terminations/${termination}/withdrawal`;
  const route = 'POST /v1/notices/{id}';
  return {
    [`${route}/remedy`]: request(partnerAdmin, `${breached}/remedy`, remedy, moves),
    [`${route}/remedy-acceptance`]: request(approver, `${remedied}/remedy-acceptance`, decision, moves),
    [`${route}/remedy-rejection`]: request(approver, `${remedied}/remedy-rejection`, decision, moves),
    [`${route}/withdrawal`]: request(approver, `${breached}/withdrawal`, decision, moves),
    'POST /v1/terminations/{id}/withdrawal': request(approver, ended, because, { unlike: ['/reason'], ...moves }),
    'POST /v1/prices': request(partnerships, '/v1/prices', price),
    'POST /v1/quota-leases/{id}/release': request(compliance, `/v1/quota-leases/${lease}/release`, because, moves),
    'POST /v1/approval-delegations': request(approver, '/v1/approval-delegations', delegation),
  };
}

/** Every request that is known by hand; a route that is not here is called with what its examples say. */
export function requestsOf(things: Things): Requests {
  return {
    ...partnerRequests(things),
    ...keyRequests(things),
    ...agreementRequests(things),
    ...textRequests(things, 'agreements', things.agreements),
    ...textRequests(things, 'amendments', things.amendments),
    ...amendmentRequests(things),
    ...otherRequests(things),
    ...owedRequests(things),
    ...workRequests(things),
  };
}
