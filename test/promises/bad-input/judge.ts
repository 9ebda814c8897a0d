import { problems } from '../../../src/kernel/problems.js';
import { serialise } from './body.js';
import { Left, Rewind } from './rewind.js';

/** One request and what must come of it. */
export interface Trial {
  route: string;
  method: string;
  url: string;
  token?: string;
  body?: unknown;
  /** What is sent that is out of the ordinary, in brief. */
  what: string;
  /**
   * `refuse`: 400, 413 or 422, before anything is looked up; `take`: 2xx; `either`: any answer but a fault of ours;
   * `absent`: what is named in the path is not there; `mismatch`: it is sent with the ETag of no version, and is taken but
   * for that.
   */
  must: 'refuse' | 'take' | 'either' | 'absent' | 'mismatch';
  /** Pointers of the fields that are out of the ordinary; a refusal because of a field names one of each branch. */
  pointers?: readonly string[];
}

/** What came of it. */
export interface Outcome {
  status: number;
  body: unknown;
}

interface Problem {
  type?: string;
  status?: number;
  code?: string;
  pointer?: string;
  errors?: { pointer: string }[];
}

const underWayMax = 8;

/** Traces of the program in an answer: stack frames, its files, what the database said. */
const trace = /\n\s+at .+:\d+:\d+|node_modules|QueryFailedError|violates .+ constraint|invalid input syntax|pg_catalog/;

/** Sends requests, judges the answers, and keeps every fault that it finds. */
export class Judge {
  requests = 0;
  /** Each fault once: route, what was sent, what is wrong with the answer. */
  readonly faults = new Set<string>();

  constructor(private readonly rewinder: Rewind) {}

  /** Sends one request and judges its answer. */
  async try(trial: Trial): Promise<Outcome> {
    this.requests += 1;
    const { method, url, token, body } = trial;
    const response = await fetch(url, {
      method,
      headers: {
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...(trial.must === 'mismatch' && { 'If-Match': '"999999999"' }),
      },
      body: body === undefined ? null : serialise(body),
    });
    const text = await response.text();
    const outcome = { status: response.status, body: parsed(text) };
    for (const fault of this.faultsIn(trial, response, text)) this.fault(trial, `${response.status}: ${fault}`);
    return outcome;
  }

  /** Sends many, several at a time. */
  async tryAll(trials: Iterable<Trial>): Promise<void> {
    const rest = trials[Symbol.iterator]();
    const worker = async () => {
      for (let next = rest.next(); !next.done; next = rest.next()) await this.try(next.value);
    };
    await Promise.all(Array.from({ length: underWayMax }, worker));
  }

  fault({ route, what }: Pick<Trial, 'route' | 'what'>, fault: string): void {
    this.faults.add(`${route} with ${what} — ${fault}`);
  }

  /** Undoes what was left since the last time, and tells it. */
  rewind(): Promise<Left> {
    return this.rewinder.rewind();
  }

  /** Holds that nothing was left by requests that were refused. */
  async expectNothingLeft(route: string): Promise<void> {
    const left = await this.rewind();
    for (const [table, rows] of Object.entries(left)) {
      this.fault({ route, what: 'what was refused' }, `${rows.length} rows of ${table} were left behind`);
    }
  }

  private faultsIn(trial: Trial, response: Response, text: string): string[] {
    const { status } = response;
    if (status >= 500) return ['a fault of ours'];
    const faults = trace.test(text) ? ['a trace of the program'] : [];
    if (status < 400) return ['take', 'either'].includes(trial.must) ? faults : [...faults, 'it was taken'];
    return [...faults, ...problemFaults(response, text), ...refusalFaults(trial, status, text)];
  }
}

function problemFaults(response: Response, text: string): string[] {
  const type = response.headers.get('content-type') ?? 'nothing';
  if (!type.startsWith('application/problem+json')) return [`refused as ${type}`];
  const { type: address, status, code = '' } = parsed(text) as Problem;
  const known = (problems as Record<string, { status: number }>)[code];
  if (known === undefined) return [`the code ${code} is not in the catalogue`];
  const agrees = known.status === status && status === response.status && address === `/docs/errors#${code}`;
  return agrees ? [] : ['status, type and code do not agree'];
}

const refusals: Record<Trial['must'], readonly number[] | null> = {
  refuse: [400, 413, 422],
  take: [],
  either: null,
  absent: [400, 404],
  mismatch: [412],
};

function refusalFaults(trial: Trial, status: number, text: string): string[] {
  const allowed = refusals[trial.must];
  if (allowed && !allowed.includes(status)) return [`it was refused: ${text.slice(0, 300)}`];
  const problem = parsed(text) as Problem;
  // What the terms do not permit as a whole points nowhere in the body.
  if (problem.code !== 'invalid_request' && problem.code !== 'malformed_request') return [];
  return pointerFaults(trial, status, namedIn(problem));
}

function pointerFaults({ must, pointers = [] }: Trial, status: number, named: readonly string[]): string[] {
  const unnamed = pointers.filter((pointer) => !named.some((one) => related(one, pointer)));
  if (must !== 'either') return unnamed.length === 0 ? [] : [pointing(unnamed, named)];
  // Where a value may be right, a refusal names one of those that may be wrong, or any where none is asked for.
  const isTold = pointers.length === 0 ? status === 400 || named.length > 0 : unnamed.length < pointers.length;
  return isTold ? [] : [pointing(unnamed, named)];
}

function pointing(unnamed: readonly string[], named: readonly string[]): string {
  const [wanted, told] = [unnamed, named].map((list) => list.slice(0, 5).join(', ') || 'nothing');
  return `no pointer to ${wanted} but to ${told}`;
}

function namedIn({ pointer, errors = [] }: Problem): string[] {
  return [...(pointer === undefined ? [] : [pointer]), ...errors.map((error) => error.pointer)];
}

/** Whether one pointer leads to the other’s place, or to something around or within it. */
function related(one: string, other: string): boolean {
  return one === other || one.startsWith(`${other}/`) || other.startsWith(`${one}/`) || one === '';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
