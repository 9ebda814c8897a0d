import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayProcesses, gatewayProcesses } from '../setup/gateway-processes.js';
import { given, Given } from '../setup/given.js';
import { LedgerWatch } from '../setup/ledger-watch.js';
import { until } from '../setup/listening.js';
import { callers, loadClient } from '../setup/load-client.js';
import { RealClock } from '../setup/real-clock.js';
import { oneLimit, Spending } from '../setup/spending.js';
import { openStage, Stage, testTokenSecret } from '../setup/stage.js';

const nodes = 4;

/** For how long what other nodes have on loan may be kept from a question, in milliseconds. */
const loanMax = 12_000;

describe('one limit through four gateway processes', () => {
  const limit = 100_000;
  const client = loadClient(16);
  let stage: Stage;
  let story: Given;
  let processes: GatewayProcesses;
  let watch: LedgerWatch;

  beforeAll(async () => {
    stage = await openStage({ clock: new RealClock() });
    story = await given.activeAgreement(stage, 0, oneLimit(limit));
    const environment = { PARLEY_TOKEN_SECRET: testTokenSecret.toString() };
    processes = await gatewayProcesses(stage.ownerUrl, nodes, { environment });
    watch = await LedgerWatch.over(stage.ownerUrl, 'tokens');
  });

  afterAll(async () => {
    client.close();
    await watch?.stop();
    await processes?.end();
    await stage?.stop();
  });

  it('is spent to the last unit and never beyond, and what is refused burns nothing', async () => {
    const spending = new Spending({ ...story, urls: processes.urls, client });
    watch.start();
    // Questions of any size, until a small one is refused by every node: what is left is in the hands of the others.
    await callers(64, async (caller) => {
      await spending.ask(caller % nodes, randomInt(1, 60));
      return (spending.refused.quota_exhausted ?? 0) < 200;
    });
    const deadline = performance.now() + loanMax;
    await callers(2 * nodes, async (caller) => {
      await spending.ask(caller % nodes, 1);
      return spending.given < limit && performance.now() < deadline;
    });
    expect(spending.given).toBe(limit);
    for (let node = 0; node < nodes; node += 1) expect(await spending.ask(node, 1)).toBe(false);
    expect(Object.keys(spending.refused)).toEqual(['quota_exhausted']);
    await until(async () => (await watch.look()).onLoan === 0, 'every loan to be given back');
    const { leased, used, overrun, unsettled } = await watch.look();
    expect({ leased, used, overrun, unsettled }).toEqual({ leased: limit, used: 0, overrun: 0, unsettled: limit });
    expect(watch.most).toBe(limit);
  });
});
