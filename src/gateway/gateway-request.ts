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

/** The body as UTF-8 text of at most so many bytes. */
export function bodyOf(request: IncomingMessage, bytesMax: number): Promise<string> {
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
    request.once('end', () => {
      try {
        resolve(decodeUtf8(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
      } catch (error) {
        reject(error);
      }
    });
  });
}
