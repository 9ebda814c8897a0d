import { AsyncLocalStorage } from 'node:async_hooks';

/** A POST that its caller may repeat: the claim on its Idempotency-Key and how its answer will look. */
export interface IdempotentClaim {
  readonly principal: string;
  readonly key: string;
  /** Marks this very attempt; an attempt that lost its claim to a later one may not commit. */
  readonly attempt: string;
  /** The answer as it will be sent, with what is shown only once left out. */
  render(result: unknown): { status: number; body: unknown };
  /** Set once the answer was stored in the transaction of the change itself. */
  stored: boolean;
}

/** What is known of the HTTP request under way, for the parts that no parameter should have to carry. */
export interface RequestContext {
  readonly requestId: string;
  /** The caller's network address. */
  readonly address: string;
  /** Whether the address is the socket's own or was told by a trusted proxy. */
  readonly addressSource: 'socket' | 'trusted_proxy';
  readonly userAgent: string;
  /** The version that If-Match names; spent by the first row that the change holds. */
  expectedVersion: number | null;
  claim: IdempotentClaim | null;
}

const storage = new AsyncLocalStorage<RequestContext>();

/** Runs the rest of a request with its context at hand. */
export function withRequestContext<T>(context: RequestContext, work: () => T): T {
  return storage.run(context, work);
}

/** The request under way; undefined in work that no request asked for. */
export function currentRequest(): RequestContext | undefined {
  return storage.getStore();
}
