import { pointerTo } from '../../kernel/json-pointer.js';
import { CONDITIONS } from '../conditions.js';
import { parseInstant } from '../../kernel/instants.js';
import { clauseProblems } from './clause-rules.js';
import { keyProblems } from './key-rules.js';
import type { TermsProblem } from './problems.js';
import { GRANTED_BY_NAME_ONLY, covers, isPurposeCode } from '../purposes.js';
import { quotaProblems } from './quota-rules.js';
import type { Condition, Terms } from '../terms.js';
import { HIGH_TIER_KEY_LIFETIME_DAYS_MAX, approvalTier } from '../tier.js';

type Rule = (terms: Terms) => TermsProblem[];

/** Every rule across fields, in the order their problems are listed. Each answers with the problems it finds. */
const RULES: readonly Rule[] = [
  termIsNotEmpty,
  modelsLieWithinTerm,
  snapshotsAreNotModelNames,
  namesAreUnique,
  nothingIsPermittedAndProhibited,
  conditionsCarryTheirValue,
  highTierLogsContent,
  highTierClosesNetworks,
  highTierKeepsKeysShort,
  zeroRetentionIsCompensated,
  quotaProblems,
  keyProblems,
  capabilityBenchmarksAreGrantedOnce,
  prohibitionsAreHeldHonestly,
  incurableUsesAreProhibitedAsIncurable,
  bothPartiesHaveAnAddress,
];

/** The problems of terms whose shape is right. `clauseIds` are the clauses of the prose, when there is prose. */
export function brokenRules(terms: Terms, clauseIds?: ReadonlySet<string>): TermsProblem[] {
  const broken = RULES.flatMap((rule) => rule(terms));
  return clauseIds ? [...broken, ...clauseProblems(terms, clauseIds)] : broken;
}

/** Instants compare by their time; texts of different precision would not. */
const time = (instant: string): number => Date.parse(instant);

function termIsNotEmpty({ term }: Terms): TermsProblem[] {
  if (time(term.effectiveFrom) < time(term.expiresAt)) return [];
  const expected = `an instant after ${term.effectiveFrom}`;
  const detail = 'The agreement would end before it began.';
  return [{ pointer: '/term/expiresAt', code: 'terms.term_empty', detail, expected }];
}

function modelsLieWithinTerm({ scope, term }: Terms): TermsProblem[] {
  return scope.models.flatMap((model, index): TermsProblem[] => {
    const place = (field: string): string => pointerTo(['scope', 'models', index, field]);
    const code = 'terms.model_outside_term';
    const detail = 'A model is in scope only within the term.';
    const problems: TermsProblem[] = [];
    if (time(model.from) < time(term.effectiveFrom)) {
      problems.push({ pointer: place('from'), code, detail, expected: `${term.effectiveFrom} or later` });
    }
    if (time(model.until) > time(term.expiresAt)) {
      problems.push({ pointer: place('until'), code, detail, expected: `${term.expiresAt} or earlier` });
    }
    if (time(model.from) >= time(model.until)) {
      const never = 'The model would never be in scope.';
      const expected = `an instant after ${model.from}`;
      problems.push({ pointer: place('until'), code: 'terms.model_window_empty', detail: never, expected });
    }
    return problems;
  });
}

function snapshotsAreNotModelNames({ scope }: Terms): TermsProblem[] {
  return scope.models.flatMap((model, index): TermsProblem[] => {
    if (model.snapshot !== model.modelId) return [];
    const detail = 'The name of a model stands for whichever snapshot is current.';
    const pointer = pointerTo(['scope', 'models', index, 'snapshot']);
    return [{ pointer, code: 'terms.alias_refused', detail, expected: 'an exact snapshot of the model' }];
  });
}

function namesAreUnique(terms: Terms): TermsProblem[] {
  return [
    ...repeats(
      ['quotas', 'id'],
      terms.quotas.map(({ id }) => id),
    ),
    ...repeats(
      ['scope/models', 'snapshot'],
      terms.scope.models.map(({ snapshot }) => snapshot),
    ),
    ...repeats(
      ['purposes/permitted', 'code'],
      terms.purposes.permitted.map(({ code }) => code),
    ),
    ...repeats(
      ['prohibitedUses', 'code'],
      terms.prohibitedUses.map(({ code }) => code),
    ),
    ...repeats(
      ['reporting', 'id'],
      terms.reporting.map(({ id }) => id),
    ),
  ];
}

function repeats([list, field]: readonly [string, string], names: readonly string[]): TermsProblem[] {
  return names.flatMap((name, index): TermsProblem[] => {
    if (names.indexOf(name) === index) return [];
    const expected = 'a name of its own';
    const detail = `${name} is already listed.`;
    return [{ pointer: `/${list}/${index}/${field}`, code: 'terms.duplicate', detail, expected }];
  });
}

/** A child may be cut out of a permitted parent; a permission that a prohibition swallows whole is a contradiction. */
function nothingIsPermittedAndProhibited({ purposes, prohibitedUses }: Terms): TermsProblem[] {
  return purposes.permitted.flatMap(({ code }, index): TermsProblem[] => {
    const prohibition = prohibitedUses.find((prohibited) => covers(prohibited.code, code));
    if (prohibition === undefined) return [];
    const detail = `${code} is permitted here and prohibited by ${prohibition.code} (clause ${prohibition.clauseRef}).`;
    const pointer = pointerTo(['purposes', 'permitted', index, 'code']);
    const expected = 'a code that is not prohibited';
    return [{ pointer, code: 'terms.permitted_and_prohibited', detail, expected }];
  });
}

function conditionsCarryTheirValue({ purposes }: Terms): TermsProblem[] {
  return purposes.permitted.flatMap(({ conditions }, purposeIndex) =>
    conditions.flatMap((condition, index): TermsProblem[] => {
      const wanted = CONDITIONS.find(({ code }) => code === condition.code)?.value ?? 'none';
      if (carries(condition, wanted)) return [];
      const pointer = pointerTo(['purposes', 'permitted', purposeIndex, 'conditions', index, 'value']);
      const detail = `The condition ${condition.code} takes ${wanted === 'none' ? 'no value' : `an ${wanted}`}.`;
      return [{ pointer, code: 'terms.condition_value', detail, expected: wanted }];
    }),
  );
}

function carries({ value }: Condition, wanted: 'instant' | 'text' | 'none'): boolean {
  if (wanted === 'none') return value === undefined;
  if (value === undefined) return false;
  return wanted === 'text' || parseInstant(value) !== null;
}

function highTierLogsContent(terms: Terms): TermsProblem[] {
  if (approvalTier(terms) === 'standard' || terms.data.contentLogging !== 'none') return [];
  const detail = 'CBRN, cyber offence and absent safeguards need content logging.';
  const expected = 'metadata_only, sampled, full';
  return [{ pointer: '/data/contentLogging', code: 'terms.high_tier_logging', detail, expected }];
}

function highTierClosesNetworks(terms: Terms): TermsProblem[] {
  if (approvalTier(terms) === 'standard' || terms.networks.cidrs !== 'any') return [];
  const detail = 'CBRN, cyber offence and absent safeguards need closed networks.';
  const expected = 'a list of CIDR blocks';
  return [{ pointer: '/networks/cidrs', code: 'terms.high_tier_networks', detail, expected }];
}

function highTierKeepsKeysShort(terms: Terms): TermsProblem[] {
  if (approvalTier(terms) === 'standard') return [];
  if (terms.keys.maxLifetimeDays <= HIGH_TIER_KEY_LIFETIME_DAYS_MAX) return [];
  const detail = 'CBRN, cyber offence and absent safeguards need short-lived keys.';
  const expected = `at most ${HIGH_TIER_KEY_LIFETIME_DAYS_MAX} days`;
  return [{ pointer: '/keys/maxLifetimeDays', code: 'terms.high_tier_key_lifetime', detail, expected }];
}

function zeroRetentionIsCompensated({ data, scope }: Terms): TermsProblem[] {
  if (data.providerRetention.promptDays > 0 || scope.safeguardProfile === 'production') return [];
  if (data.compensatingControls.length > 0) return [];
  const code = 'terms.compensating_controls_missing';
  const detail = 'Relaxed safeguards with zero retention leave nothing to look back on.';
  return [{ pointer: '/data/compensatingControls', code, detail, expected: 'at least one written control' }];
}

/** The purpose and the evaluation sets must grant capability benchmarks together, or not at all. */
function capabilityBenchmarksAreGrantedOnce({ purposes, evaluationSets }: Terms): TermsProblem[] {
  const granted = purposes.permitted.some(({ code }) => code === GRANTED_BY_NAME_ONLY);
  if (granted === (evaluationSets.capabilityBenchmarks !== 'forbidden')) return [];
  const pointer = '/evaluationSets/capabilityBenchmarks';
  const code = 'terms.capability_benchmarks_conflict';
  const detail = `The purpose ${GRANTED_BY_NAME_ONLY} is ${granted ? '' : 'not '}permitted.`;
  return [{ pointer, code, detail, expected: granted ? 'registered_only, allowed' : 'forbidden' }];
}

/** A purpose is declared on each request and can be enforced there; a use only shows afterwards. */
function prohibitionsAreHeldHonestly({ prohibitedUses }: Terms): TermsProblem[] {
  return prohibitedUses.flatMap(({ code, heldBy }, index): TermsProblem[] => {
    if (isPurposeCode(code) === (heldBy === 'enforced')) return [];
    const expected = isPurposeCode(code) ? 'enforced' : 'metered, attested';
    const pointer = pointerTo(['prohibitedUses', index, 'heldBy']);
    return [{ pointer, code: 'terms.held_by_conflict', detail: `${code} cannot be ${heldBy}.`, expected }];
  });
}

function incurableUsesAreProhibitedAsIncurable({ cure, prohibitedUses }: Terms): TermsProblem[] {
  return cure.incurable.flatMap((code, index): TermsProblem[] => {
    if (prohibitedUses.some((prohibited) => prohibited.code === code && !prohibited.curable)) return [];
    const detail = `${code} is called incurable, but is not prohibited as incurable.`;
    const expected = 'a prohibited use with curable: false';
    return [{ pointer: pointerTo(['cure', 'incurable', index]), code: 'terms.incurable_conflict', detail, expected }];
  });
}

function bothPartiesHaveAnAddress({ notices }: Terms): TermsProblem[] {
  return (['provider', 'evaluator'] as const).flatMap((party): TermsProblem[] => {
    if (notices.addresses.some((address) => address.party === party)) return [];
    const detail = `A notice to the ${party} would have nowhere to go.`;
    const expected = `an address of the ${party}`;
    return [{ pointer: '/notices/addresses', code: 'terms.notice_address_missing', detail, expected }];
  });
}
