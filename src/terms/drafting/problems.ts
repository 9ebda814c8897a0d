/** Why a draft is refused, and what each code means. The codes are stable: clients and documentation rely on them. */
export const TERMS_PROBLEMS = {
  // The shape.
  'terms.unknown_field': 'The schema has no such field.',
  'terms.missing_field': 'A field that the schema asks for is absent.',
  'terms.wrong_type': 'The value has another type than the schema asks for.',
  'terms.unknown_code': 'The value is not in the closed list of codes.',
  'terms.fixed_value': 'The field has one permitted value, and this is another.',
  'terms.out_of_range': 'A number, a text or a list is shorter or longer than it may be.',
  'terms.malformed': 'The text is not in the form that the field asks for, such as an instant or a network.',
  'terms.alias_refused': 'A model is named by an alias; only an exact snapshot says what was agreed.',
  'terms.duplicate': 'Two items of a list have the same identity.',
  'terms.not_text': 'A string cannot be stored or digested, such as one with a lone surrogate.',
  'terms.too_deep': 'The document is nested deeper than any terms are.',
  // The rules across fields.
  'terms.term_empty': 'The agreement would end before it begins.',
  'terms.model_window_empty': 'A model would leave the scope before it enters.',
  'terms.model_outside_term': 'A model is in scope at a time when the agreement is not in force.',
  'terms.permitted_and_prohibited': 'One code is both permitted and prohibited.',
  'terms.condition_value': 'A condition has a value that it does not take, or lacks the one it needs.',
  'terms.high_tier_logging': 'Terms of the high tier need logging of content.',
  'terms.high_tier_networks': 'Terms of the high tier need closed networks.',
  'terms.high_tier_key_lifetime': 'Keys under terms of the high tier live at most 30 days.',
  'terms.compensating_controls_missing': 'Zero retention without production safeguards needs written controls.',
  'terms.quota_filter_outside_scope': 'A quota counts a model or purpose that the terms do not grant.',
  'terms.quota_currency': 'Spend has a currency, and nothing else has.',
  'terms.held_by_conflict': 'The way a clause says it is held is not the way its kind is held.',
  'terms.not_yet_held': 'Nothing in Parley holds such a limit yet, so the terms may not promise it.',
  'terms.key_lifetime_exceeded': 'A lifetime or rotation of keys is longer than another clause lets a key live.',
  'terms.key_count_exceeded': 'One researcher could hold more keys than all together.',
  'terms.auto_approve_purpose': 'Keys would be approved by nobody for a purpose that is not permitted.',
  'terms.capability_benchmarks_conflict': 'The clause on capability benchmarks contradicts the permitted purposes.',
  'terms.incurable_conflict': 'A use is curable in one place and incurable in another.',
  'terms.notice_address_missing': 'A party has no address for notices.',
  'terms.unknown_clause': 'A reference into the prose leads nowhere.',
  // The rules of amendments.
  'terms.amendment_empty': 'An amendment would change nothing.',
  'terms.amendment_start_moved': 'An amendment would move the start of the term, though it changes the future only.',
  'terms.amendment_quota_changed': 'An amendment would let a quota count something else under the same id.',
  'terms.amendment_not_permitted': 'The agreement does not permit the provider to narrow it by a protective amendment.',
  'terms.amendment_widens': 'A protective amendment would permit more than before.',
  'terms.amendment_fixed': 'A protective amendment would change what it may not even narrow.',
  'terms.amendment_prose': 'A protective amendment would change a clause other than those of the terms it changes.',
  'terms.amendment_material': 'An administrative amendment would change more than where notices go.',
} as const;

export type TermsProblemCode = keyof typeof TERMS_PROBLEMS;

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
