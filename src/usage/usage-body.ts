import { Request, Response } from 'express';
import { Refusal } from '../kernel/refusal.js';
import { mediaTypeOf, parseBody, readText } from '../http/body.js';
import { batchEventsMax } from './ingest.service.js';

/** The path that reads its own body. */
export const usageEventsPath = '/v1/usage-events';

const bodyBytesMax = 16 * 1_048_576;
const streamLinesMax = 10_000;

/** The events of a request: one, a batch of at most a thousand, or NDJSON of at most ten thousand lines. */
export async function readEvents(request: Request, response: Response): Promise<unknown[]> {
  const read = readers[mediaTypeOf(request) ?? ''];
  if (!read) throw new Refusal('unsupported_media_type', `Send one of: ${Object.keys(readers).join(', ')}.`);
  return read(await readText(request, response, bodyBytesMax));
}

const readers: Record<string, (body: string) => unknown[]> = {
  'application/cloudevents+json': (body) => [parseBody(body)],
  'application/cloudevents-batch+json': batchOf,
  'application/json': (body) => (body.trimStart().startsWith('[') ? batchOf(body) : [parseBody(body)]),
  'application/x-ndjson': linesOf,
};

function batchOf(body: string): unknown[] {
  const batch = parseBody(body);
  if (!Array.isArray(batch)) throw new Refusal('malformed_request', 'A batch is a JSON array of events.');
  if (batch.length > batchEventsMax) throw new Refusal('too_large', `A batch has at most ${batchEventsMax} events.`);
  return batch;
}

function linesOf(body: string): unknown[] {
  const lines = body.split('\n').filter((line) => line.trim() !== '');
  if (lines.length > streamLinesMax) throw new Refusal('too_large', `Send at most ${streamLinesMax} lines at once.`);
  return lines.map((line, at) => parseBody(line, `Line ${at + 1}: `));
}
