import { Injectable, Logger, OnModuleInit } from '@nestjs/common';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { Refusal } from '../kernel/refusal.js';
import { drainable } from '../http/drain.js';
import { registry } from '../http/metrics.js';
import { loggable, problemBody, refusalOf } from '../http/problem.js';
import { GatewayRoutes, Reply, Stream } from './gateway-routes.js';
import { spreadRetryAfter } from './retry-after.js';

/**
 * The gateway's own listener. It is plain `node:http`: nothing of the REST pipeline stands between an inference
 * request and its decision.
 */
@Injectable()
export class GatewayServer implements OnModuleInit {
  private readonly logger = new Logger('Gateway');
  private drain: (() => Promise<void>) | null = null;
  private readonly streams = new Set<ServerResponse>();
  private closing = false;

  constructor(private readonly routes: GatewayRoutes) {}

  onModuleInit(): void {
    const method = 'GET' as const;
    this.routes.register({ method, path: '/health/live', answer: () => Promise.resolve({ body: { status: 'ok' } }) });
    this.routes.register({ method, path: '/metrics', answer: metrics });
  }

  /** Starts to listen, and tells on which port. */
  async listen(port: number, host: string): Promise<number> {
    const server = createServer((request, response) => void this.serve(request, response));
    this.drain = drainable(server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, host, resolve);
    });
    return (server.address() as AddressInfo).port;
  }

  /** Stops taking questions, ends every stream, and waits until the questions under way are answered. */
  async close(): Promise<void> {
    this.closing = true;
    for (const response of this.streams) response.end(': the node stops\n\n');
    await this.drain?.();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      this.send(response, await this.routes.answer(request));
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === null) this.logger.error(loggable(error));
      this.send(response, refused(refusal ?? new Refusal('internal_error')));
    }
  }

  private send(response: ServerResponse, reply: Reply): void {
    const { status = 200, type = 'application/json', body, stream } = reply;
    if (stream) {
      this.stream(response.writeHead(status, { ...reply.headers, 'Content-Type': type, Connection: 'close' }), stream);
      return;
    }
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    // An answer of known length leaves in one piece; without it, it would leave in chunks.
    const length = Buffer.byteLength(text);
    response.writeHead(status, { ...reply.headers, 'Content-Type': type, 'Content-Length': length }).end(text);
  }

  /** Streams end of themselves never, so a node that stops must know them. */
  private stream(response: ServerResponse, write: Stream): void {
    if (this.closing || response.destroyed) {
      response.end();
      return;
    }
    this.streams.add(response);
    response.once('close', () => this.streams.delete(response));
    write(response);
  }
}

async function metrics(): Promise<Reply> {
  return { type: registry.contentType, body: await registry.metrics() };
}

function refused(refusal: Refusal): Reply {
  const body = problemBody(refusal);
  const { retryAfterSeconds } = refusal.more;
  const headers = {
    ...(retryAfterSeconds && { 'Retry-After': String(spreadRetryAfter(retryAfterSeconds)) }),
    ...(body.status === 401 && { 'WWW-Authenticate': 'Bearer realm="parley"' }),
    // The rest of a body that was refused for its size is not read, so the connection cannot be used again.
    ...(body.status === 413 && { Connection: 'close' }),
  };
  return { status: body.status, headers, type: 'application/problem+json', body };
}
