import { models } from '../../src/demo/agreement.js';
import { GatewayProcesses } from '../setup/gateway-processes.js';
import { LedgerWatch } from '../setup/ledger-watch.js';
import { callers, loadClient, LoadClient } from '../setup/load-client.js';
import { cpuSecondsOf } from '../setup/process-figures.js';
import { tokenQuestion } from '../setup/spending.js';
import { baseline, median, Result, rounded, shown, tell } from './measure.js';
import { Place } from './place.js';
import { machineSeconds, onSeveral } from './several.js';

const limit = 1_000_000_000;
const sizes = [1, 2, 4] as const;
const most = 4;
const rounds = 5;
const secondsEach = 5;
const callersAtOnce = 64;

interface Figures {
  admissionsPerSecond: number;
  /** Admissions in a processor second of the gateway processes. */
  perCpuSecond: number;
  gatewayCores: number;
  machineCores: number;
}

/**
 * Admissions through 1, 2 and 4 gateway processes on one database, as many callers in each case. A is admissions in a
 * processor second of four processes, B in one of a single process: while that stays, rates grow with cores until the
 * machine has no more, and rates alone would tell of the machine. The client and the database share its cores.
 */
export function scale(): Promise<Result> {
  return onSeveral({ limit, count: most }, async (place, processes) => {
    const client = loadClient(callersAtOnce);
    const machine = await baseline(place.databaseUrl);
    const seen = new Map<number, Figures[]>(sizes.map((size) => [size, []]));
    let allowed = 0;
    for (let round = 0; round <= rounds; round += 1) {
      for (const size of sizes) {
        const figures = await admissions(place, processes, { client, size });
        allowed += figures.allowed;
        if (round > 0) seen.get(size)!.push(figures);
        const { admissionsPerSecond: rate, gatewayCores, machineCores } = figures;
        tell(`  ${size} processes: ${shown(rate)}/s, on ${gatewayCores} cores of ${machineCores} in use`);
      }
    }
    client.close();
    return { ...resultOf(seen), over_grant: await overGrant(place, allowed), machine };
  });
}

function resultOf(seen: Map<number, Figures[]>) {
  const of = (size: number, name: keyof Figures) => seen.get(size)!.map((figures) => figures[name]);
  const ratios = of(4, 'perCpuSecond').map((rate, at) => rate / of(1, 'perCpuSecond')[at]!);
  const reach = 0.8;
  const bySize = (name: keyof Figures) =>
    Object.fromEntries(sizes.map((size) => [size, rounded(median(of(size, name)))]));
  return {
    bench: 'scale',
    a: rounded(median(of(4, 'perCpuSecond'))),
    b: rounded(median(of(1, 'perCpuSecond'))),
    unit: 'admissions per processor second of the gateways',
    ratio: rounded(median(ratios)),
    ratio_min: rounded(Math.min(...ratios)),
    ratio_max: rounded(Math.max(...ratios)),
    rounds,
    reach,
    holds: median(ratios) >= reach,
    admissions_per_second_by_processes: bySize('admissionsPerSecond'),
    gateway_cores_by_processes: bySize('gatewayCores'),
    machine_cores_by_processes: bySize('machineCores'),
  };
}

async function admissions(
  { keys, gatewayCredential }: Place,
  processes: GatewayProcesses,
  { client, size }: { client: LoadClient; size: number },
): Promise<Figures & { allowed: number }> {
  const bodies = keys.map((key) => tokenQuestion(key, models.conversation, 1));
  const pids = Array.from({ length: size }, (_, at) => processes.pid(at));
  const cpu = () => pids.reduce((sum, pid) => sum + cpuSecondsOf(pid), 0);
  const [begun, cpuBefore, machineBefore] = [performance.now(), cpu(), machineSeconds()];
  let allowed = 0;
  await callers(callersAtOnce, async (caller) => {
    const url = `${processes.urls[caller % size]}/v1/authorizations`;
    const { text } = await client.post(url, gatewayCredential, bodies[caller % bodies.length]!);
    if (!text.includes('"code":"allowed"')) throw new Error(`Not allowed: ${text}`);
    allowed += 1;
    return performance.now() - begun < secondsEach * 1_000;
  });
  const seconds = (performance.now() - begun) / 1_000;
  const used = cpu() - cpuBefore;
  return {
    allowed,
    admissionsPerSecond: allowed / seconds,
    perCpuSecond: allowed / used,
    gatewayCores: rounded(used / seconds),
    machineCores: rounded((machineSeconds() - machineBefore) / seconds),
  };
}

/** How many units were allowed that the ledger does not count. */
async function overGrant({ databaseUrl }: Place, allowed: number): Promise<number> {
  const watch = await LedgerWatch.over(databaseUrl, 'conversation');
  const { leased, used, overrun } = await watch.look();
  await watch.stop();
  return Math.max(0, allowed - leased - used - overrun) + Math.max(0, leased + used + overrun - limit);
}
