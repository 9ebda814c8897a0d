import { TracedRequest } from './trace.js';

/** How a request of the hour departs from what was agreed. */
export type Misuse =
  /** The key was revoked; the request is refused, and served past the gateway all the same. */
  | 'served_with_revoked_key'
  /** The term is over; refused, and served all the same. */
  | 'served_after_term'
  /** The quota is used up; refused, and served all the same. */
  | 'served_beyond_quota'
  /** Admitted for one model, answered by one that no agreement names. */
  | 'answered_by_unreleased_model'
  /** Admitted from the office, reported from elsewhere. */
  | 'came_from_elsewhere'
  /** Reported twice under one identity with different figures. */
  | 'reported_twice_differently';

/** A finding that a planted misuse must lead to: its rule, and the key it is about where it is about one. */
export interface Expected {
  rule: string;
  key: 0 | 1 | 2 | null;
}

/** What each misuse must lead to, besides nothing else. */
export const expectedOf: Record<Misuse, (key: 0 | 1 | 2) => Expected[]> = {
  served_with_revoked_key: (key) => [
    { rule: 'usage_by_revoked_key', key },
    { rule: 'usage_without_authorization', key },
  ],
  served_after_term: (key) => [
    { rule: 'usage_outside_term', key },
    { rule: 'usage_without_authorization', key },
  ],
  served_beyond_quota: (key) => [
    { rule: 'quota_exceeded', key: null },
    { rule: 'usage_without_authorization', key },
  ],
  answered_by_unreleased_model: (key) => [
    { rule: 'model_not_in_scope', key },
    { rule: 'served_model_mismatch', key },
  ],
  came_from_elsewhere: (key) => [{ rule: 'network_not_allowed', key }],
  reported_twice_differently: () => [{ rule: 'conflicting_event', key: null }],
};

/** The plan of the hour: where key C is revoked, where the term ends, and which requests misbehave. */
export interface Plan {
  /** The row from which key C is revoked. */
  revokedFrom: number;
  /** The row from which the term is over. */
  overFrom: number;
  /** The misuse of a row that the gateway refuses or admits; the same row never has two. */
  misuseOf: (request: TracedRequest, code: string) => Misuse | null;
}

/** Where each misuse fits: by whom, when, and what the gateway was told. The first that fits is taken. */
const plantings: { misuse: Misuse; fits: (request: TracedRequest, code: string) => boolean }[] = [
  { misuse: 'answered_by_unreleased_model', fits: ({ key, row }, code) => allowed(code) && key === 1 && row > 1_000 },
  { misuse: 'came_from_elsewhere', fits: ({ key, row }, code) => allowed(code) && key === 0 && row > 1_200 },
  { misuse: 'reported_twice_differently', fits: ({ key, row }, code) => allowed(code) && key === 1 && row > 1_400 },
  { misuse: 'served_with_revoked_key', fits: (_, code) => code === 'key_revoked' },
  { misuse: 'served_after_term', fits: ({ key }, code) => code === 'key_expired' && key === 0 },
  { misuse: 'served_beyond_quota', fits: ({ key }, code) => code === 'quota_exhausted' && key === 1 },
];

function allowed(code: string): boolean {
  return code === 'allowed';
}

/** Plants a few of each kind, at fixed places of the hour. */
export function planOf(hour: readonly TracedRequest[]): Plan {
  const left: Record<Misuse, number> = {
    served_with_revoked_key: 25,
    served_after_term: 3,
    served_beyond_quota: 5,
    answered_by_unreleased_model: 4,
    came_from_elsewhere: 10,
    reported_twice_differently: 1,
  };
  return {
    revokedFrom: nextMoment(hour, Math.floor(hour.length * 0.93)),
    overFrom: nextMoment(hour, hour.length - 60),
    misuseOf: (request, code) => {
      const planted = plantings.find(({ misuse, fits }) => left[misuse] > 0 && fits(request, code));
      if (!planted) return null;
      left[planted.misuse] -= 1;
      return planted.misuse;
    },
  };
}

/** The first row from `row` on that is later than the one before it, so that a moment parts earlier from later. */
function nextMoment(hour: readonly TracedRequest[], row: number): number {
  let moment = row;
  while (hour[moment]!.offset === hour[moment - 1]!.offset) moment += 1;
  return moment;
}
