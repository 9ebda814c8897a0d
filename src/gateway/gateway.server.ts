import { Injectable, Logger, OnModuleInit } from '@nestjs/common';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { Refusal } from '../kernel/refusal.js';
import { drainable } from '../http/drain.js';
import { registry } from '../http/metrics.js';
import { loggable, problemBody, refusalOf } from '../http/problem.js';
import { GatewayRoutes, Reply, Stream } from './gateway-routes.js';
import { NodeLife } from './node-life.js';
import { spreadRetryAfter } from './retry-after.js';
import { Freshness } from './snapshot/freshness.js';
import { SnapshotMetrics } from './snapshot/snapshot-metrics.js';

/** What the listener takes at once; beyond it, it answers that it is busy. An idle connection costs some 10 KiB. */
const connectionsMax = 20_000;
const requestsMax = 16_384;

/** How many connections may wait to be taken; the system may hold it lower (`net.core.somaxconn`). */
const backlog = 4_096;

/** For how long a caller may be silent, in milliseconds. */
const patience = {
  // Longer than gateways and proxies keep an idle connection: were it shorter, a question could meet the closing of one.
  keepAliveTimeout: 75_000,
  headersTimeout: 20_000,
  requestTimeout: 30_000,
};

/**
 * The gateway's own listener. It is plain `node:http`: nothing of the REST pipeline stands between an inference
 * request and its decision.
 */
@Injectable()
export class GatewayServer implements OnModuleInit {
  private readonly logger = new Logger('Gateway');
  private drain: ReturnType<typeof drainable> | null = null;
  private readonly streams = new Set<ServerResponse>();
  private closing = false;
  private connections = 0;
  private requests = 0;

  constructor(
    private readonly routes: GatewayRoutes,
    private readonly node: NodeLife,
    private readonly freshness: Freshness,
    private readonly figures: SnapshotMetrics,
  ) {}

  onModuleInit(): void {
    const method = 'GET' as const;
    this.routes.register({ method, path: '/health/live', answer: () => Promise.resolve({ body: { status: 'ok' } }) });
    this.routes.register({ method, path: '/health/ready', answer: () => this.ready() });
    this.routes.register({ method, path: '/metrics', answer: metrics });
  }

  /** Starts to listen and loads the snapshot; tells on which port. Until it is loaded the node is not ready. */
  async listen(port: number, host: string): Promise<number> {
    const server = createServer(patience, (request, response) => void this.serve(request, response));
    server.on('connection', (socket) => {
      this.connections += 1;
      socket.once('close', () => (this.connections -= 1));
    });
    this.drain = drainable(server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen({ port, host, backlog }, resolve);
    });
    this.figures.publish();
    await this.node.start();
    return (server.address() as AddressInfo).port;
  }

  /**
   * Ends every stream, waits until the questions under way are answered, and stops. For `leaveTime` milliseconds at most
   * it goes on taking questions of those who are connected, and tells them with each answer to go elsewhere.
   */
  async close(leaveTime = 0): Promise<void> {
    this.closing = true;
    for (const response of this.streams) response.end(': the node stops\n\n');
    await this.drain?.(leaveTime);
    await this.node.stop();
  }

  /** Whether the node may decide, and goes on doing so; for load balancers. */
  private async ready(): Promise<Reply> {
    if (!this.closing && this.freshness.fresh()) return { body: { status: 'ok' } };
    const detail = this.closing ? 'This node stops.' : 'What this node knows is older than it may be.';
    throw new Refusal('temporary_reduced_capacity', detail, { retryAfterSeconds: 1 });
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests += 1;
    try {
      this.assertRoom(response);
      this.send(response, await this.routes.answer(request));
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === null) this.logger.error(loggable(error));
      this.send(response, refused(refusal ?? new Refusal('internal_error')));
    } finally {
      this.requests -= 1;
    }
  }

  /** Refuses, before anything of a body is read, what is more than the listener takes at once. */
  private assertRoom(response: ServerResponse): void {
    const crowded = this.connections > connectionsMax;
    if (!crowded && this.requests <= requestsMax) return;
    if (crowded) response.setHeader('Connection', 'close');
    throw new Refusal('temporary_reduced_capacity', 'Too much is under way.', { retryAfterSeconds: 1 });
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
    // Text of ASCII alone, as nearly all of it is, is the same in both and cheaper to send in the first.
    const encoding = length === text.length ? 'latin1' : 'utf8';
    response
      .writeHead(status, { ...reply.headers, 'Content-Type': type, 'Content-Length': length })
      .end(text, encoding);
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
