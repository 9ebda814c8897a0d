import { IncomingMessage } from 'node:http';
import { Refusal } from '../kernel/refusal.js';
import { credentialHash } from '../access/gateway-credentials.service.js';
import { decodeUtf8 } from '../http/body.js';

/** The hash (hex) of the credential that a gateway sent as its bearer token; refuses a request without one. */
export function credentialOf(request: IncomingMessage): string {
  const hash = credentialHash(request.headers.authorization);
  if (hash === null) throw unauthenticated();
  return hash;
}

/** The refusal of who is no gateway in good standing. */
export function unauthenticated(): Refusal {
  return new Refusal('unauthenticated', 'Send the credential of a gateway as a bearer token.');
}

/** How many bytes of bodies are read at once over all requests: enough for all honest ones, and no more memory. */
const readingBytesMax = 128 * 1_048_576;

/** How many bytes are promised to bodies under way. */
let readingBytes = 0;

/**
 * The body as UTF-8 text of at most so many bytes. It is refused before it is read where it might not fit beside all
 * that are being read.
 */
export async function bodyOf(request: IncomingMessage, bytesMax: number): Promise<string> {
  const announced = Number(request.headers['content-length'] ?? bytesMax);
  const promised = Math.min(announced, bytesMax);
  if (readingBytes + promised > readingBytesMax) {
    throw new Refusal('temporary_reduced_capacity', 'Too many bodies are being read.', { retryAfterSeconds: 1 });
  }
  readingBytes += promised;
  try {
    return await read(request, bytesMax);
  } finally {
    readingBytes -= promised;
  }
}

function read(request: IncomingMessage, bytesMax: number): Promise<string> {
  // Whoever left before is heard of no more.
  if (request.destroyed) return Promise.reject(brokenOff());
  const chunks: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve, reject) => {
    // Listeners, for an asynchronous iteration costs a request more than the rest of its reading.
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes <= bytesMax) return;
      request.pause();
      reject(new Refusal('too_large', `A body may have at most ${bytesMax} bytes here.`));
    });
    request.once('error', reject);
    // Whoever goes away in the middle leaves neither an end nor, always, an error.
    request.once('close', () => {
      if (!request.complete) reject(brokenOff());
    });
    request.once('end', () => {
      try {
        resolve(decodeUtf8(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
      } catch (error) {
        reject(error);
      }
    });
  });
}

function brokenOff(): Refusal {
  return new Refusal('malformed_request', 'The body broke off.');
}
