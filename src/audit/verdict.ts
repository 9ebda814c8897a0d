import { Unsealed } from './seal.js';

/** One thing that a verifier looked at: in words, and whether it held. */
export interface Finding {
  readonly says: string;
  readonly holds: boolean;
}

/** What verification of a file comes to. */
export interface Verdict {
  readonly findings: Finding[];
  /** What this file alone cannot show. */
  readonly beyond: string[];
  /** The id of the key that sealed it; compare it with what the lab published. */
  readonly sealedBy: string | null;
  /** Whether the file is of the kind asked about at all, whole or not. */
  readonly usable: boolean;
}

/** The verdict on a file whose seal does not hold, or that is something else. */
export function notWhole({ fault, usable }: Unsealed): Verdict {
  return { findings: [{ says: fault, holds: false }], beyond: [], sealedBy: null, usable };
}
