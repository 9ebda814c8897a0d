import { randomInt } from 'node:crypto';
import { connect, Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayProcesses, gatewayProcesses } from '../setup/gateway-processes.js';
import { given, Given, question } from '../setup/given.js';
import { LedgerWatch } from '../setup/ledger-watch.js';
import { until } from '../setup/listening.js';
import { Decided, loadClient, Reply } from '../setup/load-client.js';
import { RealClock } from '../setup/real-clock.js';
import { oneLimit, tokenQuestion } from '../setup/spending.js';
import { openStage, Stage } from '../setup/stage.js';
import { models } from '../../src/demo/agreement.js';

const connections = 1_000;
const rounds = 4;

describe('a gateway process under pressure', () => {
  const limit = 50_000;
  const client = loadClient(connections);
  let stage: Stage;
  let story: Given;
  let processes: GatewayProcesses;

  beforeAll(async () => {
    stage = await openStage({ clock: new RealClock() });
    story = await given.activeAgreement(stage, 0, oneLimit(limit));
    processes = await gatewayProcesses(stage.ownerUrl, 1);
  });

  afterAll(async () => {
    client.close();
    await processes.end();
    await stage.stop();
  });

  function post(body: string): Promise<Reply> {
    return client.post(`${processes.urls[0]}/v1/authorizations`, story.gatewayCredential, body);
  }

  it('of a thousand connections at once each has its own right answer, or is told when to come back', async () => {
    let granted = 0;
    let decided = 0;
    for (let round = 0; round < rounds; round += 1) {
      const asked = Array.from({ length: connections }, (_, at) => ({ at, size: randomInt(1, 100) }));
      await Promise.all(
        asked.map(async ({ at, size }) => {
          const key = at % 3 === 0 ? { ...story.keys[0]!, key: 'parley_live_nobody' } : story.keys[at % 3]!;
          const reply = await post(tokenQuestion(key, models.code, size));
          if (reply.status === 503) {
            expect(reply.headers['retry-after']).toMatch(/^[1-5]$/);
            return;
          }
          expect(reply.status, reply.text).toBe(200);
          const { decision, code } = JSON.parse(reply.text) as Decided;
          decided += 1;
          if (at % 3 === 0) expect(code).toBe('malformed_key');
          else expect(['allowed', 'quota_exhausted']).toContain(code);
          if (decision === 'allow') granted += size;
        }),
      );
    }
    expect(decided).toBeGreaterThan((connections * rounds) / 2);
    const watch = await LedgerWatch.over(stage.ownerUrl, 'code');
    await until(async () => (await watch.look()).onLoan === 0, 'every loan to be given back');
    expect(await watch.look()).toMatchObject({ leased: granted, used: 0, overrun: 0 });
    expect(granted).toBeLessThanOrEqual(limit);
    await watch.stop();
  });

  it('reads no more bodies at once than it has memory for, and says when to come back', async () => {
    const { port } = new URL(processes.urls[0]!);
    const head =
      `POST /v1/authorizations/batch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${story.gatewayCredential}` +
      '\r\nContent-Length: 1048576\r\n\r\n';
    // Each announces a mebibyte and sends none of it.
    const silent = await Promise.all(
      Array.from({ length: 128 }, async () => {
        const socket = connect(Number(port), '127.0.0.1');
        await new Promise((resolve) => socket.once('connect', resolve));
        await new Promise((resolve) => socket.write(head, resolve));
        return socket;
      }),
    );
    const ask = () => post(JSON.stringify(question(story.keys[1]!)));
    let turnedAway: Reply | null = null;
    await until(async () => {
      const reply = await ask();
      if (reply.status === 503) turnedAway = reply;
      return turnedAway !== null;
    }, 'a question to be turned away');
    expect(turnedAway!).toMatchObject({ status: 503, headers: { 'retry-after': expect.stringMatching(/^[1-5]$/) } });
    expect(JSON.parse(turnedAway!.text)).toMatchObject({ code: 'temporary_reduced_capacity' });
    silent.forEach((socket: Socket) => socket.destroy());
    await until(async () => (await ask()).status === 200, 'a question to be answered again');
  });
});
