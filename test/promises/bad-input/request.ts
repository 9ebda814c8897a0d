import { Caller } from '../../setup/caller.js';

/** How a route is called so that it does what it is for. */
export interface Request {
  by: Caller;
  /** The path with its ids. */
  at: string;
  /** A valid body; `number` makes what must be unlike every other. */
  body: (number: number) => object;
  /** Texts of which only some fit, for reasons beyond their shape. */
  exact?: readonly string[];
  /** It leaves the thing in a state that takes the command no longer, or takes it a few times only. */
  moves?: boolean;
  /** A valid body changes nothing. */
  leaves?: 'nothing';
  /** Fields whose namesakes in the answer are something else. */
  unlike?: readonly string[];
  /** It was made of examples, and may not fit: a refusal may point to anything. */
  guessed?: boolean;
  /** What a valid body is answered, where it is not 2xx. */
  answers?: number;
}

export type Requests = Record<string, Request>;

/** One row of a table of requests. */
export function request(by: Caller, at: string, body: Request['body'], more: Partial<Request> = {}): Request {
  return { by, at, body, ...more };
}

/** A body that only gives a reason. */
export const because = () => ({ reason: 'A reason' });

/** What a command is that a thing takes once. */
export const moves = { moves: true };
