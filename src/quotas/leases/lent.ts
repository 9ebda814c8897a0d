/** What of a window's `leased` is not reserved by decisions. */
export interface Lent {
  /** Lent to gateway nodes, which have not admitted from it yet; what they do not need comes back. */
  lent: number;
  /** Lent to nodes that were not heard of in time: it counts as spent until it is accounted for or released. */
  quarantined: number;
}

/** To join to a window `w`: what is left of its leases, as one row `l (lent, quarantined)`. */
export const lentSql = `LATERAL (
  SELECT coalesce(sum(granted - spent) FILTER (WHERE state = 'open'), 0)::bigint AS lent,
    coalesce(sum(granted - spent) FILTER (WHERE state = 'quarantined'), 0)::bigint AS quarantined
  FROM quota_lease WHERE window_id = w.id AND state <> 'closed') l`;
