import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UnaccountedLeases } from '../../src/findings/unaccounted/unaccounted-leases.service.js';
import { GatewayProcesses, gatewayProcesses } from '../setup/gateway-processes.js';
import { given, Given } from '../setup/given.js';
import { Killing } from '../setup/killing.js';
import { LedgerWatch } from '../setup/ledger-watch.js';
import { until } from '../setup/listening.js';
import { loadClient } from '../setup/load-client.js';
import { RealClock } from '../setup/real-clock.js';
import { spendThrough, spendTheRest } from '../setup/spend-through.js';
import { oneLimit, reportAll, Spending } from '../setup/spending.js';
import { openStage, Stage, testTokenSecret } from '../setup/stage.js';

const nodes = 4;

/** How many are killed before the rest is spent. */
const killsMin = 4;

describe('one limit through four gateway processes', () => {
  const limit = 200_000;
  const client = loadClient(16);
  let stage: Stage;
  let story: Given;
  let processes: GatewayProcesses;

  beforeAll(async () => {
    stage = await openStage({ clock: new RealClock() });
    story = await given.activeAgreement(stage, 0, oneLimit(limit));
    const environment = { PARLEY_TOKEN_SECRET: testTokenSecret.toString() };
    processes = await gatewayProcesses(stage.ownerUrl, nodes, { environment });
  });

  afterAll(async () => {
    client.close();
    await processes.end();
    await stage.stop();
  });

  /** What is lost is looked after by a worker, which this stage has none of. */
  async function untilQuarantined(watch: LedgerWatch): Promise<void> {
    await until(async () => {
      await stage.app.get(UnaccountedLeases).look();
      const { onLoan, quarantined } = await watch.look();
      return onLoan === quarantined;
    }, 'every loan of a lost node to be put in quarantine');
  }

  it('is spent to the last unit and never beyond, and what is refused burns nothing', async () => {
    const spending = new Spending({ ...story, urls: processes.urls, client, model: 'conversation' });
    const watch = await LedgerWatch.over(stage.ownerUrl, 'conversation');
    watch.start();
    await spendThrough(processes, spending, 100);
    await spendTheRest(processes, spending, limit);
    expect(spending.given).toBe(limit);
    for (let node = 0; node < nodes; node += 1) expect(await spending.ask(node, 1)).toBe(false);
    expect(Object.keys(spending.refused)).toEqual(['quota_exhausted']);
    expect(spending.unanswered.questions).toBe(0);
    await until(async () => (await watch.look()).onLoan === 0, 'every loan to be given back');
    const { leased, used, overrun, unsettled, lentTo } = await watch.look();
    expect(lentTo, 'nodes that were busy enough to decide from leases').toBeGreaterThan(0);
    await watch.stop();
    expect({ leased, used, overrun, unsettled }).toEqual({ leased: limit, used: 0, overrun: 0, unsettled: limit });
    expect(watch.most).toBe(limit);
  });

  it('is never overspent while one is killed every second, and what is missing is a loan in quarantine', async () => {
    const spending = new Spending({ ...story, urls: processes.urls, client, model: 'code' });
    const watch = await LedgerWatch.over(stage.ownerUrl, 'code');
    watch.start();
    const killing = new Killing(processes, 1_000);
    await spendThrough(processes, spending, 60, () => killing.kills < killsMin);
    await killing.stop();
    await spendThrough(processes, spending, 2_000);
    await spendTheRest(processes, spending, limit);
    expect(spending.given).toBeLessThanOrEqual(limit);
    await untilQuarantined(watch);
    await reportAll(spending, stage.apiUrl);
    const after = await watch.look();
    await watch.stop();
    expect(watch.most).toBeLessThanOrEqual(limit);
    // What was allowed is what was used, though some of it was never written down before its use was reported.
    expect(after).toMatchObject({ used: spending.given, overrun: 0 });
    // Decisions whose answers were cut are reserved for nobody; there are no more of them than answers that were cut.
    expect(after.unsettled).toBeLessThanOrEqual(spending.unanswered.units);
    expect(after.leased).toBe(after.quarantined + after.unsettled);
    expect(after.used + after.quarantined + after.unsettled).toBe(limit);
  }, 180_000);
});
