import { Injectable, OnModuleInit } from '@nestjs/common';
import { setTimeout } from 'node:timers/promises';
import { Changes } from '../../audit/changes.js';
import { freshFor } from './freshness.js';
import { SnapshotKeeper } from './snapshot-keeper.js';

/** How long a change waits at most to be known, in milliseconds: as long after it this node decides nothing without it. */
const knownWithin = freshFor;

/**
 * Lets nobody be answered before what they changed is known to the gateways of the same process. That costs one small
 * query a change, shared by those that commit together; a process without gateways waits for nothing.
 */
@Injectable()
export class OwnWrites implements OnModuleInit {
  constructor(
    private readonly changes: Changes,
    private readonly keeper: SnapshotKeeper,
  ) {}

  onModuleInit(): void {
    this.changes.follow(async () => {
      const done = new AbortController();
      const late = setTimeout(knownWithin, undefined, { ref: false, signal: done.signal }).catch(() => undefined);
      await Promise.race([this.keeper.catchUp(), late]);
      done.abort();
    });
  }
}
