import { setTimeout as sleep } from 'node:timers/promises';
import { models } from '../../src/demo/agreement.js';
import { GatewayProcesses } from '../setup/gateway-processes.js';
import { LedgerWatch } from '../setup/ledger-watch.js';
import { callers, loadClient, LoadClient, Reply } from '../setup/load-client.js';
import { cpuSecondsOf, peakMiBOf } from '../setup/process-figures.js';
import { tokenQuestion } from '../setup/spending.js';
import { baseline, median, Result, rounded, tell } from './measure.js';
import { Place } from './place.js';
import { onSeveral } from './several.js';

const limit = 1_000_000_000;
const sizes = [100, 1_000, 10_000] as const;
const rounds = 5;
const secondsEach = 8;

/** What the callers of one round saw, and what it cost the process. */
interface Seen {
  connections: number;
  seconds: number;
  allowed: number;
  refused: number;
  /** Answered with 503 and a `Retry-After`. */
  turnedAway: number;
  /** Neither: a wrong answer, or none. */
  wrong: number;
  slowestMs: number;
  /** Of the gateway process. */
  cpuSeconds: number;
  /** The most memory that the process ever held until then, in MiB. */
  peakMiB: number;
}

/**
 * One gateway process asked over 100, 1,000 and 10,000 connections at once, all kept alive, each asking again as soon as
 * it was answered. One question in four is for a model that is not in scope, so that right answers differ. A is what is
 * decided in a second over the most connections, B over whichever number gave the most in the same round. The client and
 * the process each open as many files as there are connections: `ulimit -n` must be above 11,500 for both.
 */
export function connections(): Promise<Result> {
  return onSeveral({ limit, count: 1 }, async (place, processes) => {
    const machine = await baseline(place.databaseUrl);
    const clients = sizes.map((size) => ({ size, client: loadClient(size) }));
    const seen: Seen[][] = [];
    // In the first round, which is not counted, they connect.
    for (let round = 0; round <= rounds; round += 1) {
      const those: Seen[] = [];
      for (const { size, client } of clients) {
        const one = await askOver(place, processes, { size, client });
        tell(`  ${JSON.stringify(one)}`);
        those.push(one);
      }
      seen.push(those);
    }
    for (const { client } of clients) client.close();
    const allowed = seen.flat().reduce((sum, one) => sum + one.allowed, 0);
    return { ...resultOf(seen.slice(1)), uncounted: await uncounted(place, allowed), machine };
  });
}

function resultOf(seen: readonly Seen[][]) {
  const rate = ({ allowed, refused, seconds }: Seen) => (allowed + refused) / seconds;
  const best = seen.map((those) => Math.max(...those.map(rate)));
  const last = seen.map((those) => rate(those.at(-1)!));
  const ratios = last.map((one, round) => one / best[round]!);
  const all = seen.flat();
  const sum = (name: 'wrong' | 'turnedAway') => all.reduce((total, one) => total + one[name], 0);
  const bySize = (figure: (one: Seen) => number, of: (figures: number[]) => number = median) =>
    Object.fromEntries(
      sizes.map((size) => [size, rounded(of(all.filter((one) => one.connections === size).map(figure)))]),
    );
  const reach = 0.8;
  return {
    bench: 'connections',
    a: rounded(median(last)),
    b: rounded(median(best)),
    unit: 'decisions/s',
    ratio: rounded(median(ratios)),
    ratio_min: rounded(Math.min(...ratios)),
    ratio_max: rounded(Math.max(...ratios)),
    rounds,
    reach,
    holds: median(ratios) >= reach && sum('wrong') === 0,
    wrong: sum('wrong'),
    turned_away: sum('turnedAway'),
    decisions_per_second: bySize(rate),
    decisions_per_gateway_cpu_second: bySize((one) => (one.allowed + one.refused) / one.cpuSeconds),
    slowest_ms: bySize(
      (one) => one.slowestMs,
      (figures) => Math.max(...figures),
    ),
    peak_rss_mib: bySize(
      (one) => one.peakMiB,
      (figures) => Math.max(...figures),
    ),
  };
}

async function askOver(
  { keys, gatewayCredential }: Place,
  processes: GatewayProcesses,
  { size, client }: { size: number; client: LoadClient },
): Promise<Seen> {
  const url = `${processes.urls[0]}/v1/authorizations`;
  const pid = processes.pid(0);
  const [inScope, beyond] = [models.conversation, 'atlas-9'].map((model) => tokenQuestion(keys[0]!, model, 1));
  const counts = { allowed: 0, refused: 0, turnedAway: 0, wrong: 0 };
  const [begun, cpuBefore] = [performance.now(), cpuSecondsOf(pid)];
  let slowest = 0;
  await callers(size, async (caller) => {
    const expected = caller % 4 === 0 ? 'refused' : 'allowed';
    const asked = performance.now();
    const reply = await client
      .post(url, gatewayCredential, expected === 'refused' ? beyond! : inScope!)
      .catch((error: Error): Reply => ({ status: 0, headers: {}, text: error.message }));
    slowest = Math.max(slowest, performance.now() - asked);
    const outcome = outcomeOf(reply);
    if (outcome === expected || outcome === 'turnedAway') counts[outcome] += 1;
    else counts.wrong += 1;
    if (outcome === 'wrong') tell(`  ${reply.status} ${reply.text}`);
    if (outcome === 'turnedAway') await sleep(Number(reply.headers['retry-after']) * 1_000);
    return performance.now() - begun < secondsEach * 1_000;
  });
  const seconds = (performance.now() - begun) / 1_000;
  const cpuSeconds = cpuSecondsOf(pid) - cpuBefore;
  return { connections: size, seconds, ...counts, slowestMs: slowest, cpuSeconds, peakMiB: peakMiBOf(pid) };
}

function outcomeOf({ status, headers, text }: Reply): 'allowed' | 'refused' | 'turnedAway' | 'wrong' {
  if (status === 503 && headers['retry-after']) return 'turnedAway';
  if (text.includes('"code":"allowed"')) return 'allowed';
  return text.includes('"code":"model_not_in_scope"') ? 'refused' : 'wrong';
}

/** How many allowed questions the ledger does not count. */
async function uncounted({ databaseUrl }: Place, allowed: number): Promise<number> {
  const watch = await LedgerWatch.over(databaseUrl, 'conversation');
  const { leased, used } = await watch.look();
  await watch.stop();
  return Math.max(0, allowed - leased - used);
}
