import express, { Request, Response } from 'express';
import { Refusal } from '../kernel/refusal.js';
import { parseStrictJson, StrictJsonError } from '../kernel/strict-json.js';
import { batchEventsMax } from './ingest.service.js';

/** The path that reads its own body. */
export const usageEventsPath = '/v1/usage-events';

const bodyBytesMax = 16 * 1_048_576;
const streamLinesMax = 10_000;

const text = express.text({ type: () => true, limit: bodyBytesMax, defaultCharset: 'utf-8' });

/** The events of a request: one, a batch of at most a thousand, or NDJSON of at most ten thousand lines. */
export async function readEvents(request: Request, response: Response): Promise<unknown[]> {
  const type = request.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  const read = type === undefined ? undefined : readers[type];
  if (!read) throw new Refusal('unsupported_media_type', `Send one of: ${Object.keys(readers).join(', ')}.`);
  return read(await bodyOf(request, response));
}

const readers: Record<string, (body: string) => unknown[]> = {
  'application/cloudevents+json': (body) => [parse(body)],
  'application/cloudevents-batch+json': batchOf,
  'application/json': (body) => (body.trimStart().startsWith('[') ? batchOf(body) : [parse(body)]),
  'application/x-ndjson': linesOf,
};

function batchOf(body: string): unknown[] {
  const batch = parse(body);
  if (!Array.isArray(batch)) throw new Refusal('malformed_request', 'A batch is a JSON array of events.');
  if (batch.length > batchEventsMax) throw new Refusal('too_large', `A batch has at most ${batchEventsMax} events.`);
  return batch;
}

function linesOf(body: string): unknown[] {
  const lines = body.split('\n').filter((line) => line.trim() !== '');
  if (lines.length > streamLinesMax) throw new Refusal('too_large', `Send at most ${streamLinesMax} lines at once.`);
  return lines.map((line, at) => parse(line, `Line ${at + 1}: `));
}

function parse(body: string, where = ''): unknown {
  try {
    return parseStrictJson(body);
  } catch (error) {
    if (!(error instanceof StrictJsonError)) throw error;
    throw new Refusal('malformed_request', where + error.message, { pointer: error.pointer });
  }
}

function bodyOf(request: Request, response: Response): Promise<string> {
  return new Promise((resolve, reject) => {
    text(request, response, (error?: unknown) => {
      if (!error) return resolve(typeof request.body === 'string' ? request.body : '');
      const tooLarge = (error as { status?: number }).status === 413;
      const refusal = tooLarge
        ? new Refusal('too_large', `A body may have at most ${bodyBytesMax} bytes.`)
        : new Refusal('malformed_request', 'The body could not be read to its end.');
      reject(refusal);
    });
  });
}
