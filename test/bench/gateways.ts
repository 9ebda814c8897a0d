import { setTimeout } from 'node:timers/promises';
import { Child, StartWords } from './child.js';
import { Loop, LoopResult } from './closed-loop.js';
import { asked, requestOf } from './crowd.js';
import { tell } from './measure.js';
import { Place } from './place.js';

/** A running process that answers questions about keys, and how to ask it. */
export interface Answerer {
  child: Child;
  url: string;
  readyAfterMs: number;
}

/** Connections to the database per process, for both sides of a comparison. */
export const pooled = 32;

/**
 * How long a node that decides from leases is asked before a round of its own counts: its leases went back while others
 * had their turn, and what is compared is a node at work.
 */
export const rampSeconds = 4;

/** Starts a gateway process of Parley that joins the place, in one mode of admission. */
export async function startGateway(
  place: Place,
  start: (...words: StartWords) => Child,
  mode: 'leased' | 'exact',
): Promise<Answerer> {
  const profile = process.env.BENCH_PROFILE;
  const child = start('gateway-process', profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : []);
  const more = { PARLEY_ADMISSION: mode, PARLEY_DATABASE_POOL_MAX: String(pooled) };
  const started = await child.ask<Omit<Answerer, 'child'>>('start', { environment: { ...place.environment, ...more } });
  return { child, ...started };
}

/** What a gateway is to answer about which keys, and how that is known from the answer. */
export interface Asking {
  name: string;
  path: string;
  headers: Record<string, string>;
  bodies: string[];
  /** A text that the answer over HTTP holds. */
  expect: string;
}

/** Questions about keys, which the gateway is to answer with a code. */
export function askingOf(place: Place, name: string, keys: readonly string[], code = 'allowed'): Asking {
  const headers = { Authorization: `Bearer ${place.gatewayCredential}` };
  const bodies = keys.map((key) => JSON.stringify(requestOf(key)));
  return { name, path: '/v1/authorizations', headers, bodies, expect: `"code":"${code}"` };
}

/** Lets a gateway keep the same questions, to be asked in process. */
export function keepQuestions(place: Place, { child }: Answerer, name: string, keys: readonly string[]): Promise<void> {
  return child.ask('prepare', { name, questions: keys.map((key) => asked(place, requestOf(key))) });
}

/** Asks over HTTP from the process of the load, and holds that every answer was as expected. */
export async function runOver(load: Child, url: string, asking: Asking, loop: Loop): Promise<LoopResult> {
  const { name, expect } = asking;
  return held(name, await load.ask<LoopResult>('run', { name, url, expect, ...loop }));
}

/** Makes the load ready to ask. */
export function prepareLoad(load: Child, url: string, asking: Asking): Promise<void> {
  return load.ask('prepare', { name: asking.name, load: { ...asking, url } });
}

/** Refuses to measure a side that answers something else. */
export function held(name: string, result: LoopResult): LoopResult {
  if (result.expected === result.units) return result;
  throw new Error(`${name}: ${result.units - result.expected} of ${result.units} answers were not as expected.`);
}

/** Until what was decided must be written: the journal of a busy node waits up to a quarter of a second. */
export async function journalWritten(): Promise<void> {
  await setTimeout(500);
}

/** Says how long a node took to be ready, and what it holds in memory. */
export async function footprintOf({ child, readyAfterMs }: Answerer): Promise<Record<string, number>> {
  const rssMiB = await child.ask<number>('rssMiB');
  tell(`  The gateway was ready after ${readyAfterMs} ms and holds ${rssMiB} MiB.`);
  return { ready_after_ms: readyAfterMs, rss_mib: rssMiB };
}
