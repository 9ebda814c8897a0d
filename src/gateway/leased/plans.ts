import { Injectable } from '@nestjs/common';
import { WindowIdentity, windowsOf } from '../../quotas/windows.js';
import { useOf } from '../prepared-questions.js';
import { KeyFacts } from '../standing.js';
import { Holding } from './holding.js';
import { LeaseKeeper } from './lease-keeper.js';

/** A window that counts a question, and what this node holds of it; null where exact admission has to decide. */
export interface CountedWindow {
  identity: WindowIdentity;
  holding: Holding | null;
}

/** The windows of one key and model, for as long as they are the same: `[from, until)`, in milliseconds. */
interface Plan {
  windows: CountedWindow[];
  from: number;
  until: number;
}

/** How many models of a key are remembered; a client may ask for any. */
const modelsMax = 100;

/** Which windows count what a key does with a model: worked out once, for working out dates is slow. */
@Injectable()
export class Plans {
  /** Facts that change are another object, so what was worked out for them goes with them. */
  private readonly plans = new WeakMap<KeyFacts, Map<string, Plan>>();

  constructor(private readonly keeper: LeaseKeeper) {}

  /** The windows that count a question. */
  windows(facts: KeyFacts, model: string, at: Date): readonly CountedWindow[] {
    const { windows } = this.plan(facts, model, at);
    for (const window of windows) {
      if (window.holding === null || window.holding.ended) window.holding = this.keeper.holding(window.identity);
    }
    return windows;
  }

  private plan(facts: KeyFacts, model: string, at: Date): Plan {
    const known = this.plans.get(facts)?.get(model);
    if (known && known.from <= at.getTime() && at.getTime() < known.until) return known;
    const identities = windowsOf(facts.version.terms, useOf(facts, { request: { model } }), at);
    const plan = {
      windows: identities.map((identity) => ({ identity, holding: null })),
      from: Math.max(...identities.map(({ startsAt }) => startsAt.getTime())),
      until: Math.min(...identities.map(({ endsAt }) => endsAt.getTime())),
    };
    const byModel = this.plans.get(facts) ?? new Map<string, Plan>();
    if (byModel.size >= modelsMax) byModel.clear();
    this.plans.set(facts, byModel.set(model, plan));
    return plan;
  }
}
