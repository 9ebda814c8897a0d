/** Why a draft is refused. The codes are stable: clients and documentation rely on them. */
export type TermsProblemCode =
  // The shape.
  | 'terms.unknown_field'
  | 'terms.missing_field'
  | 'terms.wrong_type'
  | 'terms.unknown_code'
  | 'terms.fixed_value'
  | 'terms.out_of_range'
  | 'terms.malformed'
  | 'terms.alias_refused'
  | 'terms.duplicate'
  | 'terms.not_text'
  | 'terms.too_deep'
  // The rules across fields.
  | 'terms.term_empty'
  | 'terms.model_window_empty'
  | 'terms.model_outside_term'
  | 'terms.permitted_and_prohibited'
  | 'terms.condition_value'
  | 'terms.high_tier_logging'
  | 'terms.high_tier_networks'
  | 'terms.high_tier_key_lifetime'
  | 'terms.compensating_controls_missing'
  | 'terms.quota_filter_outside_scope'
  | 'terms.quota_currency'
  | 'terms.held_by_conflict'
  | 'terms.not_yet_held'
  | 'terms.key_lifetime_exceeded'
  | 'terms.key_count_exceeded'
  | 'terms.auto_approve_purpose'
  | 'terms.capability_benchmarks_conflict'
  | 'terms.incurable_conflict'
  | 'terms.notice_address_missing'
  | 'terms.unknown_clause';

/** One reason why a draft is refused, at one place in it. */
export interface TermsProblem {
  /** Where, as an RFC 6901 JSON pointer into the terms. */
  readonly pointer: string;
  readonly code: TermsProblemCode;
  /** What is wrong, as a sentence. */
  readonly detail: string;
  /** What would be accepted. */
  readonly expected: string;
}
