import { setImmediate } from 'node:timers/promises';

/** How long callers call, how many of them, each the next time as soon as it is answered. */
export interface Loop {
  callers: number;
  seconds: number;
}

/** What a closed loop saw. */
export interface LoopResult {
  units: number;
  seconds: number;
  /** How many answers were as expected. */
  expected: number;
  /** Latency in milliseconds. */
  p50: number;
  p99: number;
}

/** After so many milliseconds of answers that never waited, all callers wait for timers and sockets to get their turn. */
const turn = 1;

/** Calls in process for so long. `act` tells whether its answer was as expected. */
export async function closedLoop(
  { callers, seconds }: Loop,
  act: (at: number) => Promise<boolean>,
): Promise<LoopResult> {
  const latencies: number[] = [];
  const begun = performance.now();
  const end = begun + seconds * 1_000;
  let [next, expected, turned] = [0, 0, begun];
  let others: Promise<void> | null = null;
  const letOthers = async () => {
    await setImmediate();
    turned = performance.now();
    others = null;
  };
  const call = async () => {
    for (let asked = performance.now(); asked < end;) {
      if (await act(next++)) expected += 1;
      const answered = performance.now();
      latencies.push(answered - asked);
      if (answered - turned > turn) await (others ??= letOthers());
      asked = performance.now();
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
  return { units: latencies.length, seconds: (performance.now() - begun) / 1_000, expected, ...spread(latencies) };
}

/** The middle and the slow end of latencies. */
export function spread(latencies: number[]): { p50: number; p99: number } {
  const sorted = Float64Array.from(latencies).toSorted();
  const at = (part: number) => Number((sorted[Math.floor(sorted.length * part)] ?? 0).toPrecision(3));
  return { p50: at(0.5), p99: at(0.99) };
}
