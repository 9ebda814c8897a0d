import { setTimeout as sleep } from 'node:timers/promises';
import { models } from '../../src/demo/agreement.js';
import { GatewayProcesses } from '../setup/gateway-processes.js';
import { Killing } from '../setup/killing.js';
import { LedgerState, LedgerWatch } from '../setup/ledger-watch.js';
import { loadClient } from '../setup/load-client.js';
import { spendThrough, spendTheRest } from '../setup/spend-through.js';
import { reportAll, Spending } from '../setup/spending.js';
import { baseline, Result, tell } from './measure.js';
import { Place } from './place.js';
import { onSeveral } from './several.js';

const limit = 1_000_000;
const nodes = 4;
const sizeMax = 200;

/** After a lost node's lease has ended, how long until it is told apart from one in use, in milliseconds. */
const quarantineMax = 30_000;

/**
 * A proof rather than a race: four gateway processes spend one limit of a million units in questions of any size, first
 * undisturbed, then while one of them is killed every second. A is what was allowed to callers, B the limit. It holds
 * when the first form spends the limit to the last unit, nothing is ever counted beyond it, and the second form misses
 * nothing but what is in quarantine or was decided in answers that the kills cut.
 */
export function exactness(): Promise<Result> {
  return onSeveral({ limit, count: nodes }, async (place, processes) => {
    const machine = await baseline(place.databaseUrl);
    const whole = await spendAll(place, processes, { model: 'conversation', killing: false });
    tell(`  undisturbed: ${JSON.stringify(whole)}`);
    const killed = await spendAll(place, processes, { model: 'code', killing: true });
    tell(`  one killed every second: ${JSON.stringify(killed)}`);
    const ratios = [whole, killed].map(({ allowed }) => allowed / limit);
    return {
      bench: 'exactness',
      a: whole.allowed,
      b: limit,
      unit: 'units',
      ratio: ratios[0]!,
      ratio_min: Math.min(...ratios),
      ratio_max: Math.max(...ratios),
      rounds: 1,
      reach: 1,
      holds: isExact(whole) && whole.allowed === limit && isExact(killed),
      undisturbed: whole,
      one_killed_every_second: killed,
      machine,
    };
  });
}

interface Spent {
  allowed: number;
  questions: number;
  seconds: number;
  kills: number;
  /** How many questions were cut by a kill, and how many units they asked for. */
  cut: { questions: number; units: number };
  /** The most that was ever counted against the limit, in so many looks. */
  most: number;
  looks: number;
  /** The ledger after all that was allowed has been reported. */
  after: LedgerState;
}

/** Whether nothing was overspent, and nothing is missing but what is in quarantine or was decided in answers cut. */
function isExact({ most, allowed, after, cut }: Spent): boolean {
  const { used, quarantined, unsettled, onLoan, overrun } = after;
  const accounted = used + quarantined + unsettled === limit && onLoan === quarantined && unsettled <= cut.units;
  return most <= limit && overrun === 0 && used === allowed && accounted;
}

async function spendAll(
  place: Place,
  processes: GatewayProcesses,
  { model, killing: kills }: { model: keyof typeof models; killing: boolean },
): Promise<Spent> {
  const client = loadClient(16);
  const spending = new Spending({ ...place, urls: processes.urls, client, model });
  const watch = await LedgerWatch.over(place.databaseUrl, model);
  watch.start();
  const begun = performance.now();
  const killing = kills ? new Killing(processes, 1_000) : null;
  await spendThrough(processes, spending, sizeMax);
  const seconds = Math.round((performance.now() - begun) / 1_000);
  await killing?.stop();
  // While some were away, what they had on loan was out of reach.
  await spendThrough(processes, spending, sizeMax);
  await spendTheRest(processes, spending, limit);
  await untilQuarantined(watch);
  place.clock.moveTo(new Date());
  await reportAll(spending, place.apiUrl);
  const after = await watch.look();
  await watch.stop();
  client.close();
  const { given: allowed, unanswered: cut } = spending;
  const { most, samples: looks } = watch;
  const questions = spending.allowed.length;
  return { allowed, questions, seconds, kills: killing?.kills ?? 0, cut, most, looks, after };
}

/** Waits until every loan has come back or is in quarantine. */
async function untilQuarantined(watch: LedgerWatch): Promise<void> {
  for (const until = performance.now() + quarantineMax; performance.now() < until; await sleep(250)) {
    const { onLoan, quarantined } = await watch.look();
    if (onLoan === quarantined) return;
  }
}
