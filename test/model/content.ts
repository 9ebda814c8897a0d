import { TextKind } from './world.js';

/** What a revision says, as far as a rule asks for it. Two revisions of one text with equal contents are one document. */
export interface Content {
  /** The term, half-open, in milliseconds since the run began. */
  from: number;
  until: number;
  /** A hard limit, which a protective amendment lowers. */
  limit: number;
  /** Whether it asks for the high tier of approval. */
  high: boolean;
  /** Whether the lab may narrow it alone during a cure. */
  protectable: boolean;
  /** Whether it can be terminated for cause. */
  forCause: boolean;
  /** Which address notices go to. */
  address: number;
  /** Which words its first clause has. */
  words: number;
  /** Whether a clause is named that the prose does not have. */
  broken: boolean;
}

/** The terms that every text has in common. */
export const fixedTerms = {
  deemedHours: 48,
  cureDays: 30,
  convenienceDays: 30,
  undecidedDays: 14,
  /** The prohibited uses: whether each can be cured. */
  uses: { model_training: false, competitive_benchmarking: true } as Record<string, boolean>,
  /** The use that may be stopped at once. */
  withoutNotice: 'model_training',
};

/** The stages of approval that a content asks for in a text of a kind. */
export function stagesOf(kind: TextKind, { high }: Content): string[] {
  const whole = kind === 'original' || kind === 'material';
  return whole && high ? ['approver', 'legal', 'compliance_lead'] : ['approver'];
}

/** Whether a content is no amendment of its kind to another: it must change something, and no more than its kind may. */
export function misfits(kind: TextKind, before: Content, after: Content): boolean {
  const changed = (Object.keys(after) as (keyof Content)[]).filter((field) => after[field] !== before[field]);
  if (changed.length === 0 || changed.includes('from')) return true;
  if (kind === 'administrative') return changed.some((field) => field !== 'address');
  if (kind === 'protective') {
    return !before.protectable || after.limit > before.limit || changed.some((field) => field !== 'limit');
  }
  return false;
}
