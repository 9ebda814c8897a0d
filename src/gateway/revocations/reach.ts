import { ChangeKind } from './change-log.entity.js';

/** The kinds of changes that reach keys. */
export type ReachingKind = Exclude<ChangeKind, 'credential' | 'price'>;

/** The keys that belong to what changed, `$1`; a stop of a purpose or a model is about all that its bounds let in. */
const belongSql: Record<ReachingKind, string> = {
  key: 'k.id = $1',
  campaign: 'k.campaign_id = $1',
  agreement: 'k.agreement_id = $1',
  organisation: 'k.organisation_id = $1',
  researcher: 'k.researcher_id = $1',
  purpose: '$1::uuid IS NOT NULL',
  model: '$1::uuid IS NOT NULL',
};

/** The ids of the keys that a change can reach: `$2` is the agreement that bounds it, `$3` the partner; null is any. */
export const reachSql = (kind: ReachingKind): string => `
  SELECT k.id FROM api_key k WHERE ${belongSql[kind]}
    AND ($2::uuid IS NULL OR k.agreement_id = $2) AND ($3::uuid IS NULL OR k.organisation_id = $3)`;
