import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { models } from '../../src/demo/agreement.js';
import { done, get, post } from '../setup/desk.js';
import { GatewayProcesses, gatewayProcesses } from '../setup/gateway-processes.js';
import { given, Given, question } from '../setup/given.js';
import { attemptAs } from '../setup/guards.js';
import { until } from '../setup/listening.js';
import { loadClient } from '../setup/load-client.js';
import { percentile, Probe } from '../setup/probe.js';
import { RealClock } from '../setup/real-clock.js';
import { oneLimit } from '../setup/spending.js';
import { openStage, Stage, testTokenSecret } from '../setup/stage.js';

const nodes = 3;

/** How many questions each node is asked in a second: at a hundred it is busy, and decides from its copy. */
const perSecond = Number(process.env.PARLEY_TEST_QUESTIONS ?? 150);

/** How often each kind of stop is made. */
const rounds = 8;

/** The hard bound, and what a busy machine adds to it: one look of the node at the log. */
const hardBound = 5_000;
const onePoll = 1_000;

interface ReceiptView {
  seq: number;
  committedAt: string;
  nodes: { id: string; name: string; appliedAt: string | null; freshUntil: string }[];
  effectiveEverywhereAt: string | null;
}

const because = { reasonCode: 'investigation', reason: 'A look at it' };
const client = loadClient(32);
let stage: Stage;
let story: Given;
let owner: Client;
let processes: GatewayProcesses;
let probes: Probe[];
let campaignId: string;
let researcherId: string;

beforeAll(async () => {
  stage = await openStage({ clock: new RealClock() });
  story = await given.activeAgreement(stage, 0, oneLimit(1_000_000_000));
  owner = new Client({ connectionString: stage.ownerUrl });
  await owner.connect();
  const [key] = await stage.sql<{ campaign_id: string; researcher_id: string }>(
    'SELECT campaign_id, researcher_id FROM api_key WHERE id = $1',
    [story.keys[0]!.id],
  );
  [campaignId, researcherId] = [key!.campaign_id, key!.researcher_id];
  const environment = { PARLEY_TOKEN_SECRET: testTokenSecret.toString() };
  processes = await gatewayProcesses(stage.ownerUrl, nodes, { linked: true, environment });
  probes = processes.urls.map((url) => probe(url, 0));
});

afterAll(async () => {
  await Promise.all(probes?.map((one) => one.stop()) ?? []);
  client.close();
  await processes?.end();
  await owner?.end();
  await stage?.stop();
});

function probe(url: string, key: number): Probe {
  const body = JSON.stringify(question(story.keys[key]!));
  return new Probe({ url, token: story.gatewayCredential, body, client, perSecond });
}

/** The name under which a process stands in receipts. */
const nameOf = (at: number) => `${hostname()}:${processes.pid(at)}`;

/** Stops something over REST; the number of its receipt. */
async function stopped(path: string, body: object = because): Promise<number> {
  const answer = await post(stage, story.cast.compliance, path, body);
  done(answer);
  return Number(answer.headers.get('parley-receipt'));
}

/** A statement typed into psql; the number of the newest change after it. */
async function typed(statement: string): Promise<number> {
  expect(await attemptAs(owner, statement)).toBe('committed');
  const [row] = await stage.sql<{ seq: string }>('SELECT max(seq) AS seq FROM change_log');
  return Number(row!.seq);
}

const receiptOf = async (seq: number) =>
  done(await get<ReceiptView>(stage, story.cast.compliance, `/v1/revocation-receipts/${seq}`));

const agreementStop = (scope: string, target?: () => string) => () =>
  stopped(`/v1/agreements/${story.agreementId}/suspensions`, { ...because, scope, target: target?.() });
const account = (suspendedAt: string) => () =>
  typed(`UPDATE user_account SET suspended_at = ${suspendedAt} WHERE id = '${researcherId}'`);

/** The kinds of stops; each is undone by taking its row away. */
const stops: Record<string, () => Promise<number>> = {
  key: () => stopped(`/v1/keys/${story.keys[0]!.id}/suspensions`),
  researcher: agreementStop('researcher', () => researcherId),
  campaign: () => stopped(`/v1/campaigns/${campaignId}/suspensions`),
  agreement: agreementStop('agreement'),
  organisation: () => stopped(`/v1/partners/${story.organisationId}/suspensions`),
  purpose: agreementStop('purpose', () => 'robustness.jailbreak'),
  model: agreementStop('model', () => models.code),
  'plain SQL': account('now()'),
};

/** Gives everything back, and waits until every node allows again. */
async function resume(): Promise<void> {
  const [row] = await stage.sql<{ stopped: boolean }>('SELECT EXISTS (SELECT FROM suspension) AS stopped');
  await (row!.stopped ? typed('DELETE FROM suspension') : account('NULL')());
  await allAllow();
}

const allAllow = () =>
  until(() => probes.every((one) => one.newest(4).join() === Array(4).fill('allowed').join()), 'all nodes to allow');

/** When a change was committed, to a fraction of a millisecond. */
async function commitOf(seq: number): Promise<number> {
  const sql = 'SELECT (extract(epoch FROM at) * 1000)::double precision AS at FROM change_log WHERE seq = $1';
  return (await stage.sql<{ at: number }>(sql, [seq]))[0]!.at;
}

/** The receipt, once it is complete. */
async function completed(seq: number): Promise<ReceiptView> {
  await until(async () => (await receiptOf(seq)).effectiveEverywhereAt !== null, 'the receipt to be complete');
  return receiptOf(seq);
}

/** The middle, the ninety-ninth of a hundred and the worst of some delays, in words. */
function spread(delays: readonly number[]): string {
  const [p50, p99, worst] = [50, 99, 100].map((percent) => percentile(delays, percent).toFixed(1));
  return `p50 ${p50} ms, p99 ${p99} ms, worst ${worst} ms`;
}

describe('a stop at a lab with three gateway processes', () => {
  it('is refused by each node within milliseconds, and its receipt names each and is never too early', async () => {
    const delays: number[] = [];
    const applied: number[] = [];
    const begun = Probe.now();
    for (let round = 0; round < rounds; round += 1) {
      for (const [kind, stop] of Object.entries(stops)) {
        await allAllow();
        Probe.setClock();
        const from = Probe.now();
        const seq = await stop();
        const refused = () => probes.every((one) => !one.newest(4).includes('allowed'));
        await until(refused, `every node to refuse after a stop of ${kind}`);
        const [commit, receipt] = [await commitOf(seq), await completed(seq)];
        for (const [at, one] of probes.entries()) {
          const asked = one.since(from);
          const told = receipt.nodes.find(({ name }) => name === nameOf(at));
          expect(told, `${kind}: ${nameOf(at)} in ${JSON.stringify(receipt)}`).toMatchObject({
            appliedAt: expect.any(String),
          });
          const late = asked.filter(({ sent, code }) => code === 'allowed' && sent > Date.parse(told!.appliedAt!));
          expect(late, `${kind}: allowed after it was applied`).toEqual([]);
          applied.push(Date.parse(told!.appliedAt!) - commit);
          delays.push(asked.find(({ code }) => code !== 'allowed')!.answered - commit);
        }
        await resume();
      }
    }
    const asked = probes.map((one) => one.since(begun).length / ((Probe.now() - begun) / 1_000));
    process.stdout.write(
      `Revocation: ${delays.length / nodes} stops, from commit to refusal on each of ${nodes} nodes: ` +
        `${spread(delays)} (each asked ${Math.round(Math.min(...asked))} times a second or more); ` +
        `from commit to the receipt that a node has applied it: ${spread(applied)}.\n`,
    );
    expect(Math.max(...delays, ...applied)).toBeLessThan(hardBound + onePoll);
    expect(percentile(delays, 50)).toBeLessThan(onePoll);
  }, 240_000);

  it('is refused five seconds after its last proof by a node that the network cut off, and the receipt says so', async () => {
    const cut = nodes - 1;
    const victim = probes[cut]!;
    const unharmed = probe(processes.urls[cut]!, 1);
    await allAllow();
    Probe.setClock();
    const from = Probe.now();
    processes.links[cut]!.stall();
    const path = `/v1/keys/${story.keys[0]!.id}/suspensions?wait=all`;
    const answer = await post<{ receipt: ReceiptView }>(stage, story.cast.compliance, path, because);
    const took = Probe.now() - from;
    const { receipt } = done(answer);
    const commit = await commitOf(receipt.seq);
    const told = receipt.nodes.find(({ name }) => name === nameOf(cut))!;
    expect(told.appliedAt).toBeNull();
    for (let at = 0; at < cut; at += 1) {
      expect(receipt.nodes).toContainEqual(
        expect.objectContaining({ name: nameOf(at), appliedAt: expect.any(String) }),
      );
    }
    const end = Date.parse(receipt.effectiveEverywhereAt!);
    expect(end).toBe(Date.parse(told.freshUntil));
    await sleep(200);
    const allowed = victim.since(from).filter(({ code }) => code === 'allowed');
    const first = victim.since(from).find(({ code }) => code === 'stale_authority')!;
    const last = Math.max(...allowed.map(({ answered }) => answered)) - commit;
    expect(allowed.filter(({ sent }) => sent > end)).toEqual([]);
    expect(allowed.filter(({ answered }) => answered > first.answered + onePoll)).toEqual([]);
    const proof = end - hardBound;
    process.stdout.write(
      `Cut off: a node that hears nothing refused everything ${(first.answered - proof).toFixed(0)} ms after its last ` +
        `proof, ${(first.answered - commit).toFixed(0)} ms after the commit; it admitted its last ` +
        `${last > 0 ? `${last.toFixed(0)} ms after` : 'before'} the commit; ?wait=all answered after ${took.toFixed(0)} ms.\n`,
    );
    expect(first.answered - proof).toBeLessThan(hardBound + onePoll);
    expect(took).toBeLessThan(hardBound + 2 * onePoll);
    processes.links[cut]!.mend();
    await until(() => unharmed.newest(2).join() === 'allowed,allowed', 'the node to decide again');
    await until(() => victim.newest(2).join() === 'key_suspended,key_suspended', 'the node to know of the stop');
    const mended = (await completed(receipt.seq)).nodes.find(({ name }) => name === nameOf(cut))!;
    expect(Date.parse(mended.appliedAt!)).toBeGreaterThan(end);
    const again = await receiptOf(receipt.seq);
    expect(Date.parse(again.effectiveEverywhereAt!) - commit).toBeLessThan(hardBound + onePoll);
    expect(victim.since(from).filter(({ sent, code }) => code === 'allowed' && sent > end)).toEqual([]);
    await unharmed.stop();
  }, 60_000);
});
