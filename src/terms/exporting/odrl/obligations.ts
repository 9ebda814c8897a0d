import type { Obligation, Terms } from '../../terms.js';
import { conditionRules } from './conditions.js';
import {
  constraint,
  duration,
  integer,
  iri,
  listOf,
  originOf,
  type NamedNode,
  type Node,
  type Origin,
} from './nodes.js';
import { actionOf, eventOf, operandOf } from './profile.js';
import type { References } from './references.js';

/** The event after which each report is due, and how often it comes round. */
const CADENCES: Readonly<Record<Obligation['cadence'], { readonly event: string; readonly every?: string }>> = {
  monthly: { event: 'month_end', every: 'P1M' },
  quarterly: { event: 'quarter_end', every: 'P3M' },
  on_campaign_end: { event: 'campaign_end' },
  on_discovery: { event: 'discovery' },
  on_term_end: { event: 'term_end' },
};

/**
 * Duties of the evaluator: reports (`inform`), deletion (`delete`) and its certificate, review before publication
 * (`obtainConsent`; ODRL's `reviewPolicy` reviews a policy, not a text), the clean team, the agreement on personal
 * data, compensating controls, and the conditions of a purpose that ask for something.
 *
 * `elapsedTime` is how long there is to do it, from the event or after the delay beside it. ODRL counts no business
 * days. What the provider promises has no place among the duties of an assignee and stands in the block `parley:data`.
 */
export function obligations(terms: Terms, references: References): NamedNode[] {
  const duty = (name: string, origin: Origin, rule: Node): NamedNode => ({
    '@type': 'Duty',
    uid: references.within(`obligation/${name}`),
    ...originOf(origin),
    ...rule,
  });
  const { data, reporting, publication, roster } = terms;
  const controls = data.compensatingControls.map(({ clauseRef, text }, index) =>
    duty(
      `control/${index}`,
      { clauseRef, heldBy: data.heldBy },
      { ...own('keep_compensating_control'), 'parley:text': text },
    ),
  );
  return [
    ...reporting.map((report) => duty(`report/${report.id}`, report, reportDuty(report, references))),
    duty('deletion', data, { action: 'delete', target: references.outputs, constraint: afterRetention(terms) }),
    ...(data.evaluatorRetention.deletionCertificate
      ? [duty('deletion-certificate', data, certificateDuty(terms, references))]
      : []),
    duty('publication-review', publication, reviewDuty(terms, references)),
    ...(roster.cleanTeam.required ? [duty('clean-team', roster.cleanTeam, cleanTeamDuty(terms))] : []),
    ...(data.personalData === 'dpa_required' ? [duty('personal-data', data, own('agree_data_processing'))] : []),
    ...controls,
    ...conditionRules('obligation', terms, references),
  ];
}

function own(code: string): Node {
  return { action: actionOf(code) };
}

function informing({ provider, evaluator }: References): Node {
  return { action: 'inform', informedParty: provider, informingParty: evaluator };
}

function reportDuty({ id, kind, cadence, dueDays }: Obligation, references: References): Node {
  const { event, every } = CADENCES[cadence];
  return {
    ...informing(references),
    output: { '@type': 'Asset', uid: references.within(`report/${id}`), 'parley:kind': kind },
    constraint: [
      constraint(['event', 'gt', iri(eventOf(event))], {}),
      ...(every === undefined ? [] : [constraint(['timeInterval', 'eq', duration(every)], {})]),
      constraint(['elapsedTime', 'lteq', duration(`P${dueDays}D`)], {}),
    ],
  };
}

/** What is due so many days after the time for which outputs are kept. */
function afterRetention({ data: { evaluatorRetention } }: Terms): Node[] {
  return [
    constraint(['delayPeriod', 'eq', duration(`P${evaluatorRetention.days}D`)], {}),
    constraint(['elapsedTime', 'lteq', duration(`P${evaluatorRetention.deletionDueDays}D`)], {}),
  ];
}

function certificateDuty(terms: Terms, references: References): Node {
  const certificate = references.within('certificate/deletion');
  return {
    ...informing(references),
    output: { '@type': 'Asset', uid: certificate, 'parley:kind': 'deletion_certificate' },
    constraint: afterRetention(terms),
  };
}

function reviewDuty({ publication }: Terms, { results, provider, evaluator }: References): Node {
  const { reviewBusinessDays, extensionBusinessDays, grounds, timezone, silence } = publication;
  return {
    action: 'obtainConsent',
    target: results,
    consentingParty: provider,
    consentedParty: evaluator,
    constraint: [
      constraint(['event', 'lt', iri(eventOf('publication'))], {}),
      constraint([operandOf('review_business_days'), 'lteq', integer(reviewBusinessDays)], {}),
      constraint([operandOf('extension_business_days'), 'lteq', integer(extensionBusinessDays)], {}),
      constraint([operandOf('ground'), 'isAnyOf', listOf(grounds)], {}),
    ],
    'parley:silence': silence,
    'parley:timezone': timezone,
  };
}

function cleanTeamDuty({ roster: { cleanTeam } }: Terms): Node {
  const coolingOff = duration(`P${cleanTeam.coolingOffDays}D`);
  return { ...own('keep_clean_team'), constraint: [constraint([operandOf('cooling_off'), 'gteq', coolingOff], {})] };
}
