import express, { NextFunction, Request, RequestHandler, Response } from 'express';
import { Refusal } from '../kernel/refusal.js';
import { parseStrictJson, StrictJsonError } from '../kernel/strict-json.js';
import { sendProblem } from './problem.js';

/** The largest JSON body of an ordinary route, in bytes. */
export const bodyBytesMax = 1_048_576;

const raw = express.raw({ type: () => true, limit: bodyBytesMax });
// A lenient decoder would put U+FFFD for a wrong byte, and what was sent would not be what is kept.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads JSON bodies strictly: a duplicate key, an unsafe integer or a lone surrogate is refused, since what is signed
 * later must mean the same to every reader. Routes in `except` read their own body.
 */
export function strictJsonBody(except: readonly string[]): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
    if (except.includes(request.path) || !hasBody(request)) return next();
    if (!isJson(request.header('content-type') ?? '')) {
      return sendProblem(response, new Refusal('unsupported_media_type', 'Send application/json, in UTF-8.'));
    }
    raw(request, response, (error?: unknown) => {
      if (error) return sendProblem(response, unreadable(error));
      const refusal = parse(request);
      return refusal ? sendProblem(response, refusal) : next();
    });
  };
}

function hasBody(request: Request): boolean {
  return request.header('transfer-encoding') !== undefined || Number(request.header('content-length') ?? 0) > 0;
}

function isJson(contentType: string): boolean {
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(contentType)?.[1] ?? 'utf-8';
  return /^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(contentType) && /^utf-?8$/i.test(charset);
}

function parse(request: Request): Refusal | null {
  try {
    request.body = parseStrictJson(utf8.decode(request.body as Buffer));
    return null;
  } catch (error) {
    if (error instanceof TypeError) return new Refusal('malformed_request', 'The body is not UTF-8.');
    if (!(error instanceof StrictJsonError)) throw error;
    return new Refusal('malformed_request', error.message, { pointer: error.pointer });
  }
}

function unreadable(error: unknown): Refusal {
  const status = (error as { status?: number }).status;
  if (status === 413) return new Refusal('too_large', `A body may have at most ${bodyBytesMax} bytes.`);
  if (status === 415) return new Refusal('unsupported_media_type', 'Send UTF-8 without compression, or gzip.');
  return new Refusal('malformed_request', 'The body could not be read to its end.');
}
