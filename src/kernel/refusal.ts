import { ProblemCode, problems } from './problems.js';

/** Where a refusal points, and what would have been right. */
export interface RefusalDetail {
  /** RFC 6901 pointer into the request body. */
  pointer?: string;
  /** What was expected there, in words. */
  expected?: string;
  /** Every single fault, when there may be several. */
  errors?: readonly Fault[];
  /** Seconds after which the same request may succeed. */
  retryAfterSeconds?: number;
}

/** One fault of a request: where, which rule, what is wrong and what was expected. */
export interface Fault {
  pointer: string;
  code: string;
  detail: string;
  expected?: string;
}

/** A request that Parley understood and does not carry out. The code is stable and stands in the error catalogue. */
export class Refusal extends Error {
  constructor(
    readonly code: ProblemCode,
    readonly detail: string = problems[code].meaning,
    readonly more: RefusalDetail = {},
  ) {
    super(`${code}: ${detail}`);
    this.name = 'Refusal';
  }
}
