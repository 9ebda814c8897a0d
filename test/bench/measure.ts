import { createHash } from 'node:crypto';
import { Client } from 'pg';

/** What one side did in one round. */
export interface Sample {
  units: number;
  seconds: number;
}

/** One side of a comparison: does its work once and says how much that was. Round 0 is the warm-up. */
export type Side = (round: number) => Promise<Sample>;

/** The result of a bench, as `--json` prints it; benches add figures of their own. */
export interface Result {
  bench: string;
  /** Median rates, in `unit`. */
  a: number;
  b: number;
  unit: string;
  /** The median of A over B, round by round, with its range. */
  ratio: number;
  ratio_min: number;
  ratio_max: number;
  rounds: number;
  reach: number;
  holds: boolean;
  [more: string]: unknown;
}

const roundsUsual = 7;

/** Plays A B A B after a warm-up of both, and compares them round by round. */
export async function compare(wanted: Wanted, a: Side, b: Side): Promise<Result> {
  const rates = await interleave({ a, b }, wanted.unit);
  return resultOf(wanted, rates.a, rates.b);
}

/** What a comparison is called, measured in, and to reach. */
export type Wanted = Pick<Result, 'bench' | 'unit' | 'reach'>;

/** Plays any number of sides in turn, round by round, after a warm-up of each; the rates of each side's rounds. */
export async function interleave<Name extends string>(
  sides: Record<Name, Side>,
  unit: string,
  rounds = roundsUsual,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(sides) as Name[];
  for (const name of names) await sides[name](0);
  const rates = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 1; round <= rounds; round += 1) {
    for (const name of names) rates[name].push(rateOf(await sides[name](round)));
    const line = names.map((name) => `${name.length === 1 ? name.toUpperCase() : name} ${shown(rates[name].at(-1)!)}`);
    tell(`  round ${round} of ${rounds}: ${line.join(', ')} ${unit}`);
  }
  return rates;
}

/** The comparison of rates that were measured in the same rounds. */
export function resultOf({ bench, unit, reach }: Wanted, a: readonly number[], b: readonly number[]): Result {
  const { ratio, ratio_min, ratio_max } = ratioOf(a, b);
  const rates = { a: rounded(median(a)), b: rounded(median(b)) };
  return { bench, ...rates, unit, ratio, ratio_min, ratio_max, rounds: a.length, reach, holds: ratio >= reach };
}

/** The median of A over B, round by round, with its range. */
export function ratioOf(a: readonly number[], b: readonly number[]) {
  const ratios = a.map((rate, round) => rate / b[round]!);
  return {
    ratio: rounded(median(ratios)),
    ratio_min: rounded(Math.min(...ratios)),
    ratio_max: rounded(Math.max(...ratios)),
  };
}

/** What this machine does at this moment, to read the rates beside. */
export async function baseline(databaseUrl: string): Promise<Record<string, number>> {
  const block = Buffer.alloc(1_048_576);
  const hashed = await timed(200, () => void createHash('sha256').update(block).digest());
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const trips = await timed(1_000, () => client.query('SELECT 1'));
  await client.query('CREATE TABLE bench_baseline (at int)');
  const commits = await timed(300, (at) => client.query('INSERT INTO bench_baseline VALUES ($1)', [at]));
  await client.query('DROP TABLE bench_baseline');
  await client.end();
  return {
    sha256_mib_per_second: Math.round(rateOf(hashed)),
    database_round_trips_per_second: Math.round(rateOf(trips)),
    database_commits_per_second: Math.round(rateOf(commits)),
  };
}

/** Does something so many times, one after the other. */
export async function timed(units: number, act: (at: number) => unknown): Promise<Sample> {
  const begun = performance.now();
  for (let at = 0; at < units; at += 1) await act(at);
  return { units, seconds: (performance.now() - begun) / 1_000 };
}

/** Does something so many times, with so many under way at once. */
export async function timedTogether(units: number, callers: number, act: (at: number) => unknown): Promise<Sample> {
  let next = 0;
  const begun = performance.now();
  const call = async () => {
    for (let at = next++; at < units; at = next++) await act(at);
  };
  await Promise.all(Array.from({ length: callers }, call));
  return { units, seconds: (performance.now() - begun) / 1_000 };
}

export function rateOf({ units, seconds }: Sample): number {
  return units / seconds;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

export function shown(rate: number): string {
  return Math.round(rate).toLocaleString('en');
}

/** Progress goes to standard error, so that standard output is results alone. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** How long one side is measured in one round, in seconds: `BENCH_SECONDS`, or 2. */
export function secondsPerSample(): number {
  return Number(process.env.BENCH_SECONDS) || 2;
}

/** How fast something grows with size: the exponent by which the rate follows it; 0 is a rate that stays the same. */
export function slopeOf(points: readonly { size: number; rate: number }[]): number {
  const logs = points.map(({ size, rate }) => ({ x: Math.log(size), y: Math.log(rate) }));
  const [x, y] = [mean(logs.map((point) => point.x)), mean(logs.map((point) => point.y))];
  const along = logs.map((point) => (point.x - x) * (point.y - y));
  return rounded(mean(along) / mean(logs.map((point) => (point.x - x) ** 2)));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** A bench that cannot run here, with what it misses. */
export class CannotRun extends Error {}
