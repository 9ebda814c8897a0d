import { Content } from './content.js';
import { Side } from './people.js';

/** What the model knows: plain data. Instants are milliseconds since the run began; things are named by position. */
export interface World {
  now: number;
  partner: Partner | null;
  /** Agreements and amendments, in the order in which they were drafted. */
  texts: Text[];
  notices: Notice[];
  terminations: Termination[];
  suspensions: Suspension[];
  delegations: Delegation[];
  /** The boundaries that were told, as `event of subject at instant`. */
  told: string[];
}

export interface Partner {
  state: 'prospect' | 'under_review' | 'active' | 'offboarded' | 'declined';
  submittedBy: string | null;
  /** The newest outcome of each kind of check. */
  checks: Record<string, string>;
  contacts: Contact[];
}

export interface Contact {
  kind: string;
  email: string;
  removed: boolean;
}

export type TextKind = 'original' | 'material' | 'administrative' | 'protective';

/** An agreement's own text, or an amendment of it. */
export interface Text {
  kind: TextKind;
  /** The position of the agreement that it is of: its own, or another's. */
  of: number;
  state: string;
  turn: Side | null;
  round: number;
  signBy: number | null;
  /** Whether the partner was shown it; what was not is the lab's own affair. */
  shown: boolean;
  revisions: Revision[];
  approvals: Approval[];
  signatures: Signature[];
  /** For an amendment: the version that it amends, and from when it is to hold. */
  base: { number: number; from: number } | null;
  /** For an agreement: which one it succeeds. */
  supersedes: number | null;
  endedAt: number | null;
  /** The executed versions of an agreement. */
  versions: Version[];
  /** Every state that it was in, with the instant. */
  past: { at: number; state: string; endedAt: number | null; shown: boolean }[];
}

export interface Revision {
  content: Content;
  author: string;
  side: Side;
}

export interface Approval {
  round: number;
  stage: string;
  by: string;
  behalf: string | null;
}

export interface Signature {
  round: number;
  party: 'evaluator' | 'provider';
  by: string;
}

export interface Version {
  number: number;
  /** The text that was executed. */
  text: number;
  content: Content;
  from: number;
  executedAt: number;
}

export interface Notice {
  agreement: number;
  kind: 'breach' | 'termination' | 'other';
  state: 'served' | 'acknowledged' | 'remedied' | 'cured' | 'withdrawn';
  side: Side;
  deemedAt: number;
  acknowledgedAt: number | null;
  /** When it was cured or withdrawn. */
  settledAt: number | null;
  /** For a breach: the days of its cure. */
  cureDays: number | null;
}

export interface Termination {
  agreement: number;
  kind: 'for_cause' | 'for_convenience' | 'mutual';
  state: 'proposed' | 'confirmed' | 'withdrawn';
  by: string;
  side: Side;
  notice: number | null;
}

export interface Suspension {
  scope: 'organisation' | 'agreement' | 'purpose' | 'model';
  /** Null for a stop of the whole organisation. */
  agreement: number | null;
  at: number;
  liftProposedBy: string | null;
  liftedAt: number | null;
}

export interface Delegation {
  stage: string;
  from: string;
  to: string;
  begins: number;
  ends: number;
  revoked: boolean;
}

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

/** The world before anything was done. */
export function emptyWorld(): World {
  const none = { texts: [], notices: [], terminations: [], suspensions: [], delegations: [], told: [] };
  return { now: 0, partner: null, ...none };
}

/** The newest revision of a text: the only one that can be accepted, approved or signed. */
export function headOf({ revisions }: Text): Revision {
  return revisions.at(-1)!;
}

/** What the log calls a text: a kind of thing and its position. */
export function thingOf({ kind }: Text): 'agreement' | 'amendment' {
  return kind === 'original' ? 'agreement' : 'amendment';
}

/** The states in which a text may still become a version. */
export const openStates = ['draft', 'in_negotiation', 'in_approval', 'out_for_signature'];
