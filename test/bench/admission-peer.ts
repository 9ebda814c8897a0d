import { Client } from 'pg';
import { Child, StartWords, withChildren } from './child.js';
import { Loop, LoopResult } from './closed-loop.js';
import { crowd, crowdQuotas } from './crowd.js';
import {
  Answerer,
  Asking,
  askingOf,
  footprintOf,
  held,
  keepQuestions,
  pooled,
  prepareLoad,
  rampSeconds,
  runOver,
  startGateway,
} from './gateways.js';
import {
  baseline,
  interleave,
  median,
  rateOf,
  ratioOf,
  Result,
  resultOf,
  rounded,
  secondsPerSample,
  Side,
  tell,
} from './measure.js';
import { correctness } from './peer-correctness.js';
import { installPeer, peerVersions } from './peer-install.js';
import { allowedModel, PeerMode } from './peer.js';
import { onPlace, Place } from './place.js';
import { newKey } from '../../src/keys/key-string.js';

const callers = 32;
const otherCallers = [1, 8, 128];
const keysEach = 1_000;
const rounds = 5;
const reach = { database: 20, secondary: 3 };

/** What each side asks about. */
const kinds = ['spread', 'hot', 'unknown'] as const;
type Kind = (typeof kinds)[number];

/** One who answers, in process and over HTTP, about the same kinds of keys. */
interface Contender {
  name: string;
  over: (kind: Kind, at?: number) => Side;
  within: (kind: Kind, at?: number) => Side;
}

/** What starts whom. */
export interface Stage {
  place: Place;
  start: (...words: StartWords) => Child;
  load: Child;
  /** The module of the peer. */
  module: string;
  /** Its own database, beside the place's on the same server. */
  peerUrl: string;
}

/**
 * A: admission of Parley. B: `verifyApiKey` of Better Auth on the same PostgreSQL server, with as many connections and
 * keys: in `database` mode, which is exact, and with its keys in memory, which is its fastest. Answers per second of a
 * closed loop, in process and behind plain `node:http`. The `ratio` is that of the leased mode over `database` mode
 * over HTTP; every other pair is beside it, and what each side got right.
 */
export function admissionPeer(): Promise<Result> {
  return installPeer().then((module) =>
    onPlace(
      0,
      (place) =>
        withChildren(async (start) => {
          const stage = { place, start, load: start('load-process'), module, peerUrl: await peerDatabase(place) };
          return measured(stage);
        }),
      crowdQuotas,
    ),
  );
}

async function measured(stage: Stage): Promise<Result> {
  const keys = await crowd(stage.place, keysEach);
  const machine = await baseline(stage.place.databaseUrl);
  const leasedNode = await startGateway(stage.place, stage.start, 'leased');
  const leased = await ours(stage, 'leased', leasedNode, keys);
  const exact = await ours(stage, 'exact', await startGateway(stage.place, stage.start, 'exact'), keys);
  const database = await theirs(stage, 'database');
  const secondary = await theirs(stage, 'secondary');
  const all = [leased, exact, database, secondary];
  const over = await roundsOf(all, (one) => one.over('spread'), 'over HTTP, 1,000 keys');
  const within = await roundsOf(all, (one) => one.within('spread'), 'in process, 1,000 keys');
  const pairs = { over_http: pairsOf(over), in_process: pairsOf(within) };
  for (const kind of ['hot', 'unknown'] as const) {
    const rates = await roundsOf(all, (one) => one.over(kind), `over HTTP, ${kind} key`);
    Object.assign(pairs, { [`${kind}_key_over_http`]: pairsOf(rates) });
  }
  const unit = 'answers/s';
  const result = resultOf({ bench: 'admission-peer', unit, reach: reach.database }, over.leased!, over.database!);
  return {
    ...result,
    holds: [pairs.over_http, pairs.in_process].every(holds),
    reach_of_secondary_storage: reach.secondary,
    pairs,
    by_callers_over_http: await byCallers(all),
    correctness: await correctness(stage),
    callers,
    ramp_seconds_of_leased: rampSeconds,
    keys: keysEach,
    pooled,
    ours: await footprintOf(leasedNode),
    peer: peerVersions,
    machine,
  };
}

type Rates = Record<string, number[]>;

function roundsOf(all: readonly Contender[], side: (one: Contender) => Side, title: string): Promise<Rates> {
  tell(`  ${title}:`);
  return interleave(Object.fromEntries(all.map((one) => [one.name, side(one)])), 'answers/s', rounds);
}

/** The matched pairs of one way to ask. */
function pairsOf(rates: Rates) {
  const medians = Object.fromEntries(Object.entries(rates).map(([name, values]) => [name, rounded(median(values))]));
  return {
    answers_per_second: medians,
    leased_over_database: ratioOf(rates.leased!, rates.database!),
    leased_over_secondary: ratioOf(rates.leased!, rates.secondary!),
    exact_over_database: ratioOf(rates.exact!, rates.database!),
  };
}

function holds(pairs: ReturnType<typeof pairsOf>): boolean {
  const { leased_over_database, leased_over_secondary } = pairs;
  return leased_over_database.ratio >= reach.database && leased_over_secondary.ratio >= reach.secondary;
}

/** Parley, asked about keys that it issued, one of them, or one that nobody issued. */
async function ours(stage: Stage, name: string, node: Answerer, keys: readonly string[]): Promise<Contender> {
  const { place, load } = stage;
  const askings = new Map<Kind, Asking>();
  for (const kind of kinds) {
    const asking = askingOf(place, `${name} ${kind}`, keysOf(kind, keys), codeOf(kind));
    askings.set(kind, asking);
    await prepareLoad(load, node.url, asking);
    await keepQuestions(place, node, kind, keysOf(kind, keys));
  }
  const overHttp = (kind: Kind, loop: Loop) => runOver(load, node.url, askings.get(kind)!, loop);
  const within = (kind: Kind, loop: Loop) =>
    node.child.ask<LoopResult>('run', { name: kind, expect: codeOf(kind), ...loop });
  const ramped =
    (ask: typeof within) =>
    (kind: Kind, at = callers) =>
    async () => {
      if (name === 'leased') await ask(kind, { callers: at, seconds: rampSeconds });
      return held(name, await ask(kind, { callers: at, seconds: secondsPerSample() }));
    };
  return { name, over: ramped(overHttp), within: ramped(within) };
}

function codeOf(kind: Kind): string {
  return kind === 'unknown' ? 'unknown_key' : 'allowed';
}

/** The peer, asked in the same ways. */
async function theirs({ start, load, module, peerUrl }: Stage, mode: PeerMode): Promise<Contender> {
  tell(`  The peer issues ${keysEach} keys (${mode}).`);
  const child = start('peer-process');
  const settings = { module, databaseUrl: peerUrl, mode, pooled };
  const { url, keys } = await child.ask<{ url: string; keys: string[] }>('start', { settings, keys: keysEach });
  const seconds = secondsPerSample();
  const askings = new Map<Kind, Asking>();
  for (const kind of kinds) {
    const of = kind === 'unknown' ? ['ba_nobody_ever_issued_this_key'] : keysOf(kind, keys);
    const bodies = of.map((key) => JSON.stringify({ key, permissions: allowedModel }));
    const asking = { name: `${mode} ${kind}`, path: '/', headers: {}, bodies, expect: `"valid":${kind !== 'unknown'}` };
    askings.set(kind, asking);
    await prepareLoad(load, url, asking);
    await child.ask('prepare', { name: kind, keys: of });
  }
  return {
    name: mode,
    over:
      (kind, at = callers) =>
      () =>
        runOver(load, url, askings.get(kind)!, { callers: at, seconds }),
    within:
      (kind, at = callers) =>
      async () => {
        const expect = kind !== 'unknown';
        return held(mode, await child.ask<LoopResult>('run', { name: kind, expect, callers: at, seconds }));
      },
  };
}

function keysOf(kind: Kind, keys: readonly string[]): readonly string[] {
  if (kind === 'unknown') return [newKey('live').key];
  return kind === 'hot' ? keys.slice(0, 1) : keys;
}

/** One round each with fewer and with more callers, with latencies. */
async function byCallers(all: readonly Contender[]) {
  const rows: Record<string, object> = {};
  for (const at of otherCallers) {
    for (const one of all) {
      const result = (await one.over('spread', at)(1)) as LoopResult;
      rows[`${one.name} ${at}`] = { per_second: rounded(rateOf(result)), p50_ms: result.p50, p99_ms: result.p99 };
    }
  }
  return rows;
}

/** A database of the peer's own, on the same server. */
async function peerDatabase({ databaseUrl }: Place): Promise<string> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('CREATE DATABASE bench_peer');
  await client.end();
  const url = new URL(databaseUrl);
  url.pathname = '/bench_peer';
  return url.href;
}
