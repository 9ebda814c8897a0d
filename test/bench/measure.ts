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

const rounds = 7;

/** Plays A B A B after a warm-up of both, and compares them round by round. */
export async function compare(
  { bench, unit, reach }: Pick<Result, 'bench' | 'unit' | 'reach'>,
  a: Side,
  b: Side,
): Promise<Result> {
  await a(0);
  await b(0);
  const rates: { a: number; b: number }[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const rate = { a: rateOf(await a(round)), b: rateOf(await b(round)) };
    rates.push(rate);
    tell(`  round ${round} of ${rounds}: A ${shown(rate.a)}, B ${shown(rate.b)} ${unit}`);
  }
  const ratios = rates.map((rate) => rate.a / rate.b);
  const ratio = median(ratios);
  return {
    bench,
    a: rounded(median(rates.map((rate) => rate.a))),
    b: rounded(median(rates.map((rate) => rate.b))),
    unit,
    ratio: rounded(ratio),
    ratio_min: rounded(Math.min(...ratios)),
    ratio_max: rounded(Math.max(...ratios)),
    rounds,
    reach,
    holds: ratio >= reach,
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
