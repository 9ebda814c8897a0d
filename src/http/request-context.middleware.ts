import { randomUUID } from 'node:crypto';
import { NextFunction, Request, Response } from 'express';
import { Refusal } from '../kernel/refusal.js';
import { sendProblem } from './problem.js';
import { RequestContext, withRequestContext } from './request-context.js';

const etag = /^"(\d{1,15})"$/;

/** Opens the context of a request and reads If-Match, so that each later part finds both in one place. */
export function openRequestContext(request: Request & { id?: string }, response: Response, next: NextFunction): void {
  // The logger takes the same id, so that an answer and its log lines name each other.
  const requestId = (request.id = randomUUID());
  response.setHeader('X-Request-Id', requestId);
  const expectedVersion = expectedVersionOf(request.header('if-match'));
  if (expectedVersion === undefined) {
    sendProblem(response, new Refusal('malformed_header', 'If-Match must be one ETag as this API gave it, or *.'));
    return;
  }
  const { address, addressSource } = originOf(request);
  const userAgent = (request.header('user-agent') ?? '').slice(0, 400);
  withRequestContext({ requestId, address, addressSource, userAgent, expectedVersion, claim: null }, next);
}

/** The version that If-Match names; null when it names none, undefined when it cannot be read. */
function expectedVersionOf(ifMatch: string | undefined): number | null | undefined {
  if (ifMatch === undefined || ifMatch === '*') return null;
  const version = etag.exec(ifMatch)?.[1];
  return version === undefined ? undefined : Number(version);
}

function originOf({ ip, socket }: Request): Pick<RequestContext, 'address' | 'addressSource'> {
  const peer = socket.remoteAddress ?? 'unknown';
  return { address: ip ?? peer, addressSource: (ip ?? peer) === peer ? 'socket' : 'trusted_proxy' };
}
