import { Client } from 'pg';
import { Child, StartWords, withChildren } from './child.js';
import { crowd, crowdQuotas } from './crowd.js';
import { databaseCpu } from './database-cpu.js';
import {
  Answerer,
  Asking,
  askingOf,
  footprintOf,
  journalWritten,
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
  Sample,
  secondsPerSample,
  slopeOf,
  tell,
} from './measure.js';
import { onPlace, Place } from './place.js';

const callers = 64;
const keysAtFirst = 1_000;
const growth = [1, 10, 100];

/** What a gateway's rounds showed beside its own CPU time. */
interface Seen {
  /** CPU of the database over CPU of the gateway process. */
  databaseShare: number[];
  perSecond: number[];
  p99: number[];
  /** Requests per CPU second in the stretch before each round. */
  cold: number[];
  /** How many questions were answered with a decision, the warm-up's among them. */
  answered: number;
}

/**
 * A: `POST /v1/authorizations` over kept-alive HTTP at a gateway process, 1,000 keys with three quotas each, journal
 * and leases included. B: a bare `node:http` server that reads the same JSON and writes it again. What is compared is
 * requests per CPU second of the server process alone; the CPU that the database used meanwhile is printed beside it.
 */
export function admission(): Promise<Result> {
  return onPlace(0, (place) => withChildren((start) => measured(place, start)), crowdQuotas);
}

async function measured(place: Place, start: (...words: StartWords) => Child): Promise<Result> {
  const keys = await crowd(place, keysAtFirst);
  const asking = askingOf(place, 'crowd', keys);
  const [gateway, echo, load] = [
    await startGateway(place, start, 'leased'),
    start('echo-process'),
    start('load-process'),
  ];
  const { url: echoUrl } = await echo.ask<{ url: string }>('start');
  const echoes = ['/parsed', '/bytes'].map((path) => ({ ...asking, name: path, path, expect: '200 OK' }));
  for (const one of [asking, ...echoes]) await prepareLoad(load, gateway.url, one);
  const machine = await baseline(place.databaseUrl);
  const cpu = await databaseCpu(place.databaseUrl);
  const seen: Seen = { databaseShare: [], perSecond: [], p99: [], cold: [], answered: 0 };
  const echoed = (one: Asking) => () => perCpuSecond(echo, () => runOver(load, echoUrl, one, loopOf()));
  const rates = await interleave(
    { a: () => admissions(gateway, load, asking, { cpu, seen }), b: echoed(echoes[0]!), bytes: echoed(echoes[1]!) },
    'requests/CPU-s',
  );
  const result = resultOf({ bench: 'admission', unit: 'requests/CPU-s', reach: 0.6 }, rates.a, rates.b);
  return {
    ...result,
    ratio_counts:
      'the CPU of the server process alone; that of PostgreSQL is database_cpu_per_gateway_cpu times as much',
    database_cpu_per_gateway_cpu: rounded(median(seen.databaseShare.slice(1))),
    ratio_with_database_cpu: withDatabase(rates.a, rates.b, seen.databaseShare.slice(1)),
    ratio_to_echo_of_bytes: ratioOf(rates.a, rates.bytes),
    requests_per_second: rounded(median(seen.perSecond.slice(1))),
    p99_ms: rounded(median(seen.p99.slice(1))),
    cold_requests_per_cpu_second: rounded(median(seen.cold)),
    cold_seconds: rampSeconds,
    callers,
    keys: keysAtFirst,
    decisions: { answered: seen.answered, written: await written(place) },
    ...(await footprintOf(gateway)),
    growth: await grown(place, start, load),
    machine,
  };
}

const loopOf = () => ({ callers, seconds: secondsPerSample() });

/**
 * One round of A. Leases went back while the other side had its turn, so it begins with a stretch that does not count:
 * what is compared is a node at work, and what it does from cold is printed apart. It ends when what was decided is written too. */
async function admissions(
  { child, url }: Answerer,
  load: Child,
  asking: Asking,
  { cpu, seen }: { cpu: () => number | null; seen: Seen },
): Promise<Sample> {
  const cold = await perCpuSecond(child, () => runOver(load, url, asking, { callers, seconds: rampSeconds }));
  seen.cold.push(rateOf(cold));
  seen.answered += cold.units;
  const before = cpu();
  const sample = await perCpuSecond(child, async () => {
    const result = await runOver(load, url, asking, loopOf());
    await journalWritten();
    seen.answered += result.units;
    seen.perSecond.push(rateOf(result));
    seen.p99.push(result.p99);
    return result;
  });
  seen.databaseShare.push(before === null ? NaN : (cpu()! - before) / sample.seconds);
  return sample;
}

/** What was done per second of CPU that a process used for it. */
async function perCpuSecond(child: Child, act: () => Promise<{ units: number }>): Promise<Sample> {
  const before = await child.cpuSeconds();
  const { units } = await act();
  return { units, seconds: (await child.cpuSeconds()) - before };
}

/** The same ratio with the CPU of the database counted to A. */
function withDatabase(a: readonly number[], b: readonly number[], shares: readonly number[]) {
  return ratioOf(
    a.map((rate, round) => rate / (1 + shares[round]!)),
    b,
  );
}

/** How many decisions the journal holds, those among them that share a row. */
async function written({ databaseUrl }: Place): Promise<number> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ count: string }>('SELECT sum(repeated) AS count FROM decision_record');
  await client.end();
  return Number(rows[0]!.count);
}

/**
 * The rate as keys grow in number, each time at a node of its own. A thousand of them are in use, evenly among all:
 * what is looked at is what a key costs that is merely there.
 */
async function grown(place: Place, start: (...words: StartWords) => Child, load: Child) {
  const points: { keys: number; per_cpu_second: number; rss_mib: number; ready_after_ms: number }[] = [];
  let there = keysAtFirst;
  for (const times of growth) {
    const more = await crowd(place, keysAtFirst * times - there);
    there = keysAtFirst * times;
    const asking = askingOf(place, `growth ${times}`, more.length > 0 ? evenly(more) : await crowd(place, keysAtFirst));
    const gateway = await startGateway(place, start, 'leased');
    await prepareLoad(load, gateway.url, asking);
    const run = () => perCpuSecond(gateway.child, () => runOver(load, gateway.url, asking, loopOf()));
    await runOver(load, gateway.url, asking, { callers, seconds: 2 * rampSeconds });
    const rates = [rateOf(await run()), rateOf(await run()), rateOf(await run())];
    const point = { keys: there, per_cpu_second: rounded(median(rates)), ...(await footprintOf(gateway)) };
    tell(`  ${there.toLocaleString('en')} keys: ${point.per_cpu_second} requests/CPU-s`);
    points.push(point as (typeof points)[number]);
    await gateway.child.stop();
  }
  return { points, slope: slopeOf(points.map(({ keys, per_cpu_second }) => ({ size: keys, rate: per_cpu_second }))) };
}

function evenly(keys: readonly string[]): string[] {
  const step = Math.max(1, Math.floor(keys.length / keysAtFirst));
  return keys.filter((_, at) => at % step === 0).slice(0, keysAtFirst);
}
