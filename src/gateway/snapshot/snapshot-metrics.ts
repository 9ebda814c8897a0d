import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { registry as metrics } from '../../http/metrics.js';
import { NodeRegistry } from '../nodes/node-registry.js';
import { Freshness } from './freshness.js';
import { Snapshot } from './snapshot.js';

/** What an operator watches of a node. Only a process that serves gateways has these figures. */
@Injectable()
export class SnapshotMetrics {
  constructor(
    private readonly snapshot: Snapshot,
    private readonly freshness: Freshness,
    private readonly registry: NodeRegistry,
  ) {}

  /** Publishes the figures of this node; in place of those of another one in the same process, which only tests have. */
  publish(): void {
    publish('parley_snapshot_keys', 'Keys that this node knows.', () => this.snapshot.size);
    publish(
      'parley_freshness_seconds',
      'Seconds since this node last proved that it knows every change; beyond 5 it decides nothing.',
      () => this.freshness.age() / 1_000,
    );
    publish('parley_live_nodes', 'Nodes that decide, as this one last saw.', () => this.registry.liveNodes());
  }
}

function publish(name: string, help: string, read: () => number): void {
  metrics.removeSingleMetric(name);
  const gauge = new Gauge({
    name,
    help,
    registers: [],
    collect(this: Gauge) {
      this.set(read());
    },
  });
  metrics.registerMetric(gauge);
}
