import { HttpException } from '@nestjs/common';
import { Response } from 'express';
import { QueryFailedError } from 'typeorm';
import { ProblemCode, problems } from '../kernel/problems.js';
import { Fault, Refusal } from '../kernel/refusal.js';
import { currentRequest } from './request-context.js';

/** An RFC 9457 problem as every refusal of this API is sent. */
export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: ProblemCode;
  request_id?: string;
  pointer?: string;
  expected?: string;
  errors?: readonly Fault[];
}

/** The page that lists every problem; each `type` is its address and an anchor. */
export const catalogueUrl = '/docs/errors';

/** How the constraints that stand behind the checks of the code are told when a race reaches them. */
const constraintProblems: readonly [pattern: RegExp, code: ProblemCode][] = [
  [/^separation_/, 'separation_of_duties'],
  [/^uq_|^pk_/, 'already_exists'],
];

/** Waits that were cut short, and a database that is away: lost connections (08), no room (53), shutting down (57P). */
const busyStates = /^(55P03|40P01|40001|57014|3D000|08...|53...|57P..|ECONNREFUSED|ECONNRESET|ETIMEDOUT)$/;

/** What pg says, without a code, of a connection that it could not get or that was cut. */
const connectionTrouble = /timeout exceeded when trying to connect|^Connection terminated|is not queryable/;

const statusCodes: Partial<Record<number, ProblemCode>> = {
  400: 'malformed_request',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  413: 'too_large',
  415: 'unsupported_media_type',
};

/** Any thrown thing as the refusal it means to a caller; null when it is a fault of ours. */
export function refusalOf(error: unknown): Refusal | null {
  if (error instanceof Refusal) return error;
  if (error instanceof HttpException) {
    const code = statusCodes[error.getStatus()];
    return code ? new Refusal(code) : null;
  }
  return databaseRefusal(error);
}

function databaseRefusal(error: unknown): Refusal | null {
  const { code = '', constraint = '', message = '' } = driverError(error);
  if (busyStates.test(code) || connectionTrouble.test(message)) return busy();
  // Class 23: a constraint refused what a check of the code would have refused, had it not lost a race.
  const known = code.startsWith('23') && constraintProblems.find(([pattern]) => pattern.test(constraint));
  return known ? new Refusal(known[1]) : null;
}

function driverError(error: unknown): { code?: string; constraint?: string; message?: string } {
  if (typeof error !== 'object' || error === null) return {};
  return 'driverError' in error ? (error.driverError as object) : error;
}

/** The refusal of a service that is busy for a moment, with a second of patience asked for. */
function busy(): Refusal {
  return new Refusal('temporary_reduced_capacity', undefined, { retryAfterSeconds: 1 });
}

/** The body of a refusal; the same bytes for the same refusal but for the request id. */
export function problemBody(refusal: Refusal): ProblemBody {
  const { status, title } = problems[refusal.code];
  const { pointer, expected, errors } = refusal.more;
  const requestId = currentRequest()?.requestId;
  return {
    type: `${catalogueUrl}#${refusal.code}`,
    title,
    status,
    detail: refusal.detail,
    code: refusal.code,
    ...(pointer !== undefined && { pointer }),
    ...(expected !== undefined && { expected }),
    ...(errors !== undefined && { errors }),
    ...(requestId !== undefined && { request_id: requestId }),
  };
}

/** Sends a refusal with its status and headers. */
export function sendProblem(response: Response, refusal: Refusal): void {
  const body = problemBody(refusal);
  if (body.status === 401) response.setHeader('WWW-Authenticate', 'Bearer realm="parley"');
  if (refusal.more.retryAfterSeconds) response.setHeader('Retry-After', String(refusal.more.retryAfterSeconds));
  response.status(body.status).type('application/problem+json').send(JSON.stringify(body));
}

/** A fault as it may be logged: the values bound to a failed statement are people's data and hashes, and stay out. */
export function loggable(error: unknown): unknown {
  if (!(error instanceof QueryFailedError)) return error;
  const { code, constraint } = driverError(error);
  return { message: error.message, code, constraint, query: error.query, stack: error.stack };
}
