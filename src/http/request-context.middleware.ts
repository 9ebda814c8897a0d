import { randomUUID } from 'node:crypto';
import { NextFunction, Request, Response } from 'express';
import { Refusal } from '../kernel/refusal.js';
import { sendProblem } from './problem.js';
import { withRequestContext } from './request-context.js';

const etag = /^"(\d{1,15})"$/;

/** Opens the context of a request and reads If-Match, so that each later part finds both in one place. */
export function openRequestContext(request: Request & { id?: string }, response: Response, next: NextFunction): void {
  // The logger takes the same id, so that an answer and its log lines name each other.
  const requestId = (request.id = randomUUID());
  response.setHeader('X-Request-Id', requestId);
  const ifMatch = request.header('if-match');
  const version = ifMatch === undefined || ifMatch === '*' ? null : etag.exec(ifMatch)?.[1];
  if (version === undefined) {
    sendProblem(response, new Refusal('malformed_header', 'If-Match must be one ETag as this API gave it, or *.'));
    return;
  }
  const context = {
    requestId,
    address: request.ip ?? request.socket.remoteAddress ?? 'unknown',
    addressSource: request.ip === request.socket.remoteAddress ? ('socket' as const) : ('trusted_proxy' as const),
    userAgent: (request.header('user-agent') ?? '').slice(0, 400),
    expectedVersion: version === null ? null : Number(version),
    claim: null,
  };
  withRequestContext(context, next);
}
