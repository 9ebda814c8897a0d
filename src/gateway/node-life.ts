import { Injectable } from '@nestjs/common';
import { Config } from '../kernel/configuration.js';
import { LeaseKeeper } from './leased/lease-keeper.js';
import { NodeRegistry } from './nodes/node-registry.js';
import { SnapshotKeeper } from './snapshot/snapshot-keeper.js';

/** What a process does that decides, from its start to its end. */
@Injectable()
export class NodeLife {
  constructor(
    private readonly config: Config,
    private readonly registry: NodeRegistry,
    private readonly snapshot: SnapshotKeeper,
    private readonly leases: LeaseKeeper,
  ) {}

  /** Loads what decisions stand on, enters the node among the others, and has it hold leases unless it decides exactly. */
  async start(): Promise<void> {
    await this.snapshot.start();
    if (this.config.values.admission === 'leased') this.leases.start(this.registry);
  }

  /** Writes down what was decided, gives back what is held, and leaves. Nothing may be decided any more. */
  async stop(): Promise<void> {
    await this.leases.stop();
    await this.snapshot.stop();
  }
}
