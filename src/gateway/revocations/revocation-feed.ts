import { Injectable, Logger, OnModuleDestroy } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { second } from '../../kernel/clock.js';
import { loggable } from '../../http/problem.js';
import { GatewayCredentialsService } from '../../access/gateway-credentials.service.js';
import { NodeConnection } from '../nodes/node-connection.js';
import { ChangeReader } from './change-reader.js';
import { RevocationStream } from './revocation-stream.js';

/** How often it looks for news whether or not it was notified, in milliseconds. */
const lookEvery = second;

/** After how many looks a heartbeat goes out. */
const beatEvery = 15;

/** How long streams stay open without a look that succeeded, in milliseconds: silence must not pass for no news. */
const blindMax = 5 * second;

/** Serves every open stream of this node by one look at the database a second, and one more for each notification. */
@Injectable()
export class RevocationFeed implements OnModuleDestroy {
  private readonly logger = new Logger('Revocations');
  private readonly streams = new Set<RevocationStream>();
  private timer: NodeJS.Timeout | null = null;
  private looking: Promise<void> | null = null;
  private again = false;
  private looks = 0;
  private lastSight = 0;

  constructor(
    private readonly database: DataSource,
    private readonly credentials: GatewayCredentialsService,
    private readonly reader: ChangeReader,
    connection: NodeConnection,
  ) {
    connection.onNews(() => this.wake());
  }

  async onModuleDestroy(): Promise<void> {
    this.streams.clear();
    this.rest();
    await this.looking;
  }

  /** How many streams a credential has open on this node. */
  openOf(credential: string): number {
    return [...this.streams].filter((stream) => stream.credential === credential).length;
  }

  /** Serves a stream from now on. The first one has the node look for news. */
  add(stream: RevocationStream): void {
    this.streams.add(stream);
    this.timer ??= this.begin();
    this.wake();
  }

  /** Serves it no more; after the last one the node looks no more. */
  remove(stream: RevocationStream): void {
    this.streams.delete(stream);
    if (this.streams.size === 0) this.rest();
  }

  private begin(): NodeJS.Timeout {
    this.lastSight = performance.now();
    return setInterval(() => this.tick(), lookEvery).unref();
  }

  private rest(): void {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
  }

  private tick(): void {
    this.looks += 1;
    if (this.looks % beatEvery === 0) for (const stream of this.streams) stream.beat();
    if (performance.now() - this.lastSight > blindMax) this.endAll('the database is not to be reached');
    this.wake();
  }

  /** Looks now; if it is looking, once more afterwards, for what it looks at may have changed since. */
  private wake(): void {
    if (this.timer === null) return;
    this.again = true;
    this.looking ??= this.look().finally(() => (this.looking = null));
  }

  private async look(): Promise<void> {
    while (this.again && this.timer !== null) {
      this.again = false;
      const begun = performance.now();
      try {
        await this.endRevoked();
        await this.tell();
        this.lastSight = begun;
      } catch (error) {
        this.logger.warn(loggable(error));
      }
    }
  }

  private async endRevoked(): Promise<void> {
    const hashes = [...this.streams].map(({ credential }) => credential);
    const good = await this.credentials.authenticateAll(this.database.manager, hashes);
    for (const stream of this.streams) if (!good.has(stream.credential)) stream.end('the credential was revoked');
  }

  /** Streams that stand at the same place share one page. A client that is still reading is left for later. */
  private async tell(): Promise<void> {
    const idle = [...this.streams].filter(({ busy }) => !busy);
    for (const [position, streams] of Map.groupBy(idle, (stream) => stream.position)) {
      const page = await this.reader.after(position);
      for (const stream of streams) void stream.send(page).then(() => page.full && this.wake());
    }
  }

  private endAll(reason: string): void {
    for (const stream of this.streams) stream.end(reason);
  }
}
