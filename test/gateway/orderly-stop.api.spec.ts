import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { models } from '../../src/demo/agreement.js';
import { GatewayProcesses, gatewayProcesses } from '../setup/gateway-processes.js';
import { given, Given } from '../setup/given.js';
import { LedgerWatch } from '../setup/ledger-watch.js';
import { callers, Decided, loadClient } from '../setup/load-client.js';
import { RealClock } from '../setup/real-clock.js';
import { oneLimit, tokenQuestion } from '../setup/spending.js';
import { openStage, Stage } from '../setup/stage.js';

describe('a gateway process that is told to stop under load', () => {
  let stage: Stage;
  let story: Given;
  let processes: GatewayProcesses;

  beforeAll(async () => {
    stage = await openStage({ clock: new RealClock() });
    story = await given.activeAgreement(stage, 0, oneLimit(1_000_000));
    processes = await gatewayProcesses(stage.ownerUrl, 1);
  });

  afterAll(async () => {
    await processes.end();
    await stage.stop();
  });

  it('answers every question that it took, cuts none, writes all down and lends nothing any more', async () => {
    const client = loadClient(64);
    const url = `${processes.urls[0]!}/v1/authorizations`;
    let answered = 0;
    const asking = callers(64, async (caller) => {
      const body = tokenQuestion(story.keys[caller % 3]!, models.code, 1);
      const { status, headers, text } = await client.post(url, story.gatewayCredential, body);
      expect(status).toBe(200);
      expect((JSON.parse(text) as Decided).code).toBe('allowed');
      answered += 1;
      await sleep(randomInt(20));
      // Who is told that the connection closes asks another node from then on.
      return headers.connection !== 'close';
    });
    await sleep(1_500);
    const begun = performance.now();
    const [code] = await Promise.all([processes.stop(0), asking]);
    client.close();
    expect(code, processes.said()).toBe(0);
    expect(performance.now() - begun).toBeLessThan(10_000);
    const watch = await LedgerWatch.over(stage.ownerUrl, 'code');
    expect(await watch.look()).toMatchObject({ leased: answered, unsettled: answered, onLoan: 0, used: 0, lentTo: 1 });
    await watch.stop();
  });
});
