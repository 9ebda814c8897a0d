import { Injectable, Logger } from '@nestjs/common';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { Refusal } from '../kernel/refusal.js';
import { credentialHash } from '../access/gateway-credentials.service.js';
import { decodeUtf8, parseBody } from '../http/body.js';
import { drainable } from '../http/drain.js';
import { registry } from '../http/metrics.js';
import { loggable, problemBody, refusalOf } from '../http/problem.js';
import { invalid } from '../http/validation.js';
import { AdmissionQueue } from './admission-queue.js';
import { authorizationAnswer } from './authorization-answer.js';
import { readAuthorizationRequest } from './authorization-request.js';

/** The largest body of a question, in bytes. */
const bodyBytesMax = 65_536;

/**
 * The gateway's own listener. It is plain `node:http`: nothing of the REST pipeline stands between an inference
 * request and its decision.
 */
@Injectable()
export class GatewayServer {
  private readonly logger = new Logger('Gateway');
  private drain: (() => Promise<void>) | null = null;

  constructor(private readonly queue: AdmissionQueue) {}

  /** Starts to listen, and tells on which port. */
  async listen(port: number, host: string): Promise<number> {
    const server = createServer((request, response) => void this.serve(request, response));
    this.drain = drainable(server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, host, resolve);
    });
    return (server.address() as AddressInfo).port;
  }

  /** Stops taking questions and waits until those under way are answered. */
  async close(): Promise<void> {
    await this.drain?.();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const path = request.url?.split('?')[0];
      if (path === '/metrics') return send(response, 200, registry.contentType, await registry.metrics());
      const answer = path === '/health/live' ? { status: 'ok' } : await this.answer(request, path);
      send(response, 200, 'application/json', JSON.stringify(answer));
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === null) this.logger.error(loggable(error));
      sendRefusal(response, refusal ?? new Refusal('internal_error'));
    }
  }

  private async answer(request: IncomingMessage, path: string | undefined): Promise<object> {
    if (path !== '/v1/authorizations') throw new Refusal('not_found');
    if (request.method !== 'POST') throw new Refusal('method_not_allowed', 'Ask with POST.');
    const credential = credentialHash(request.headers.authorization);
    if (credential === null) throw unauthenticated();
    const question = readAuthorizationRequest(parseBody(await bodyOf(request)));
    if (Array.isArray(question)) throw invalid(question);
    const admission = await this.queue.decide({ credential, request: question });
    if (admission === null) throw unauthenticated();
    return authorizationAnswer(admission);
  }
}

function unauthenticated(): Refusal {
  return new Refusal('unauthenticated', 'Send the credential of a gateway as a bearer token.');
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) throw new Refusal('too_large', `A question may have at most ${bodyBytesMax} bytes.`);
    chunks.push(chunk);
  }
  return decodeUtf8(Buffer.concat(chunks));
}

function sendRefusal(response: ServerResponse, refusal: Refusal): void {
  const body = problemBody(refusal);
  if (refusal.more.retryAfterSeconds) response.setHeader('Retry-After', refusal.more.retryAfterSeconds);
  // The rest of a body that was refused for its size is not read, so the connection cannot be used again.
  if (body.status === 413) response.setHeader('Connection', 'close');
  send(response, body.status, 'application/problem+json', JSON.stringify(body));
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'Content-Type': type }).end(body);
}
