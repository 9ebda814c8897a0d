import * as fc from 'fast-check';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { models } from '../../../src/demo/agreement.js';
import { AuthorizationTokens } from '../../../src/gateway/authorization-token.js';
import { DecisionRow } from '../../../src/gateway/journal.js';
import { DecisionWriter } from '../../../src/gateway/leased/decision-writer.js';
import { newId } from '../../../src/kernel/ids.js';
import { LeaseLedger } from '../../../src/quotas/leases/lease-ledger.js';
import { quarantineExpired } from '../../../src/quotas/leases/quarantine.js';
import { Ledger } from '../../../src/quotas/ledger.js';
import { WindowIdentity, windowKey } from '../../../src/quotas/windows.js';
import { ask, given, Given, usageEvent } from '../../setup/given.js';
import { openStage, Stage } from '../../setup/stage.js';
import { Model, ModelDecision, ModelNode } from './model.js';

let stage: Stage;
let story: Given;
let database: DataSource;
let ledger: Ledger;
let leases: LeaseLedger;
let writer: DecisionWriter;
let tokens: AuthorizationTokens;
let gatewayId: string;
let of: { keyId: string; organisationId: string };
/** Whether the key of all runs was revoked really. */
let revoked = false;

beforeAll(async () => {
  stage = await openStage();
  story = await given.activeAgreement(stage);
  database = stage.app.get(DataSource);
  ledger = stage.app.get(Ledger);
  leases = stage.app.get(LeaseLedger);
  writer = stage.app.get(DecisionWriter);
  tokens = stage.app.get(AuthorizationTokens);
  [{ id: gatewayId }] = (await stage.sql<{ id: string }>('SELECT id FROM gateway_credential')) as [{ id: string }];
  [of] = (await stage.sql<typeof of>(
    'SELECT id AS "keyId", organisation_id AS "organisationId" FROM api_key WHERE public_id = $1',
    [story.keys[0]!.publicId],
  )) as [typeof of];
});

afterAll(() => stage.stop());

/** The real thing: a window of a real ledger, and nodes that are rows. */
class Real {
  readonly nodeIds: string[] = [];
  windowId = '';
  private reports = 0;

  constructor(
    readonly subject: string,
    readonly limit: number,
  ) {}

  async open(nodes: number): Promise<void> {
    const ids = await database.transaction((manager) => ledger.locate(manager, [this.identity()], stage.clock.now()));
    this.windowId = ids.get(windowKey(this.identity()))!;
    for (let at = 0; at < nodes; at += 1) await this.newNode(at);
  }

  async newNode(at: number): Promise<void> {
    this.nodeIds[at] = newId(new Date());
    await database.query(
      `INSERT INTO gateway_node (id, name, started_at, seen_at, position) VALUES ($1, 'of the model', now(), now(), 0)`,
      [this.nodeIds[at]],
    );
  }

  identity(): WindowIdentity {
    return {
      organisationId: of.organisationId,
      agreementId: story.agreementId,
      quotaId: 'of-the-model',
      metric: 'output_tokens',
      currency: null,
      measure: 'output_tokens',
      subject: this.subject,
      scope: 'agreement',
      startsAt: story.from,
      endsAt: story.until,
      resetsAt: story.until,
      rolling: null,
      hard: true,
      limit: this.limit,
    };
  }

  rowOf({ id, lease, reserved }: ModelDecision): DecisionRow {
    const at = stage.clock.now();
    return {
      id,
      at,
      countedAt: at,
      gatewayId,
      keyId: of.keyId,
      agreementId: story.agreementId,
      agreementVersion: 1,
      model: models.code,
      endpoint: 'messages',
      address: null,
      run: null,
      code: 'allowed',
      reasons: null,
      inputTokens: 0,
      outputTokens: reserved,
      windows: [{ id: this.windowId, leaseId: lease?.id ?? null, reserved }],
      holdsPlace: false,
      repeated: 1,
    };
  }

  async report(decision: ModelDecision, output_tokens: number): Promise<void> {
    const authorization = decision.lease ? tokens.sign(this.rowOf(decision)) : decision.id;
    const event = usageEvent(`${this.subject} ${(this.reports += 1)}`, story.keys[0]!, stage.clock.now(), {
      authorization,
      output_tokens,
    });
    const { status, body } = await ask<{ results: { result: string }[] }>(`${stage.apiUrl}/v1/usage-events`, {
      token: story.gatewayCredential,
      body: [event],
    });
    expect({ status, result: body.results[0]?.result }).toEqual({ status: 200, result: 'recorded' });
  }
}

/** What every commit must leave true, told by the model and read behind the application's back. */
async function check(model: Model, real: Real): Promise<void> {
  const [row]: Record<string, number>[] = await database.query(
    'SELECT leased, used, overrun FROM quota_window WHERE id = $1',
    [real.windowId],
  );
  const { leased, used, overrun } = row!;
  expect({ leased, used, overrun }).toEqual(model.row());
  expect(leased! + used!).toBeLessThanOrEqual(model.limit);
  const held: { granted: number; spent: number }[] = await database.query(
    'SELECT granted, spent FROM quota_lease WHERE window_id = $1 ORDER BY opened_at',
    [real.windowId],
  );
  expect(held).toEqual(model.leases.map(({ granted, spent }) => ({ granted, spent })));
}

type Command = fc.AsyncCommand<Model, Real>;

/** Something that happens, as a command of fast-check: it can always happen, and shows what it was. */
function command(name: string, happens: (model: Model, real: Real) => Promise<void>): Command {
  return {
    check: () => true,
    toString: () => name,
    run: async (model, real) => {
      await happens(model, real);
      await check(model, real);
    },
  };
}

const nodeOf = (model: Model, at: number): [ModelNode, number] => [
  model.nodes[at % model.nodes.length]!,
  at % model.nodes.length,
];

function written(decisions: readonly ModelDecision[]): void {
  for (const decision of decisions.filter((one) => !one.written)) {
    decision.written = true;
    if (decision.lease?.open) decision.lease.spent += decision.reserved;
    // What a lease no longer holds cannot be reserved from it.
    else if (decision.lease) decision.reserved = 0;
  }
}

const grant = (at: number, amount: number, least: number) =>
  command(`node ${at} wants ${amount}, at least ${least}`, async (model, real) => {
    const [node, index] = nodeOf(model, at);
    const held = node.balance;
    const expected = model.grantOf(held, amount, least);
    const { hard, limit, endsAt } = real.identity();
    const to = { nodeId: real.nodeIds[index]!, nodes: model.nodes.length };
    const [got] = await leases.grant(to, [
      { windowId: real.windowId, quota: { hard, limit, endsAt }, held, amount, least },
    ]);
    expect(got!.granted).toBe(expected);
    if (expected > 0 && !node.lease?.open) {
      node.lease = { id: got!.leaseId!, node: index, granted: 0, spent: 0, open: true };
      model.leases.push(node.lease);
    }
    expect(got!.leaseId).toBe(node.lease?.open ? node.lease.id : null);
    if (node.lease?.open) node.lease.granted += expected;
    node.balance += expected;
    expect(got!.room).toBe(model.room);
  });

const take = (at: number, amount: number) =>
  command(`node ${at} decides for ${amount} in memory`, async (model) => {
    const [node] = nodeOf(model, at);
    if (model.revoked || node.balance < amount) return;
    node.balance -= amount;
    const decision = { id: newId(new Date()), lease: node.lease, reserved: amount, written: false, reported: null };
    node.journal.push(decision);
    model.decisions.push(decision);
  });

const takeExactly = (at: number, amount: number) =>
  command(`${amount} is asked of the window itself, with what node ${at} has left of it`, async (model, real) => {
    const [node] = nodeOf(model, at);
    if (model.revoked) return;
    const own = node.lease && node.balance > 0 ? [{ leaseId: node.lease.id, amount: node.balance }] : [];
    const room = await database.transaction(async (manager) => {
      const held = await ledger.hold(manager, [real.windowId]);
      const back = await leases.takeBack(manager, own);
      const left = held.get(real.windowId)!.room + back.reduce((sum, one) => sum + one.amount, 0);
      if (left >= amount) await ledger.write(manager, [{ windowId: real.windowId, leased: amount, used: 0 }]);
      return left;
    });
    if (own.length > 0) node.lease!.granted -= node.balance;
    node.balance = 0;
    expect(room).toBe(model.room);
    if (room < amount) return;
    const decision = { id: newId(new Date()), lease: null, reserved: amount, written: true, reported: null };
    model.decisions.push(decision);
    await writer.write([real.rowOf(decision)]);
  });

const flush = (at: number) =>
  command(`node ${at} writes its journal`, async (model, real) => {
    const [node] = nodeOf(model, at);
    const journal = node.journal.splice(0);
    await writer.write(journal.map((one) => real.rowOf(one)));
    written(journal);
  });

const giveBack = (at: number) =>
  command(`node ${at} gives its lease back`, async (model, real) => {
    const [node] = nodeOf(model, at);
    if (!node.lease) return;
    const journal = node.journal.splice(0);
    await writer.write(journal.map((one) => real.rowOf(one)));
    written(journal);
    await leases.giveBack([node.lease.id]);
    // Again, as after an answer that was lost.
    await leases.giveBack([node.lease.id]);
    node.lease.open = false;
    Object.assign(node, { lease: null, balance: 0 });
  });

const crash = (at: number) =>
  command(`node ${at} dies, and another takes its place`, async (model, real) => {
    const [, index] = nodeOf(model, at);
    model.nodes[index] = { lease: null, balance: 0, journal: [] };
    await real.newNode(index);
  });

const expire = () =>
  command('what was not heard of is quarantined', async (model, real) => {
    const held = new Set(model.nodes.map(({ lease }) => lease));
    const lost = model.leases.filter((lease) => lease.open && !held.has(lease));
    await database.query("UPDATE quota_lease SET expires_at = now() - interval '1 hour' WHERE id = ANY($1)", [
      lost.map(({ id }) => id),
    ]);
    await quarantineExpired(database.manager);
    // Of one that is spent there is nothing left to know.
    for (const lease of lost) lease.open = lease.granted > lease.spent;
    const states: { state: string }[] = await database.query(
      "SELECT state FROM quota_lease WHERE window_id = $1 AND state = 'quarantined'",
      [real.windowId],
    );
    expect(states).toHaveLength(lost.filter(({ open }) => open).length);
  });

const revoke = () =>
  command('the key is revoked: nothing more is decided, and what was goes on counting', async (model) => {
    model.revoked = true;
    if (revoked) return;
    revoked = true;
    await story.cast.compliance.post(`/v1/keys/${of.keyId}/revocation`, { reason: 'The model says so.' });
  });

const report = (which: number, share: number) =>
  command(`the use of decision ${which} is reported`, async (model, real) => {
    const decision = model.decisions[which % (model.decisions.length || 1)];
    if (!decision || decision.reported !== null) return;
    const actual = Math.floor((decision.reserved * share) / 100);
    await real.report(decision, actual);
    written([decision]);
    decision.reported = actual;
  });

const index = fc.nat(5);
const commands = [
  fc.tuple(index, fc.integer({ min: 0, max: 80 }), fc.integer({ min: 0, max: 10 })).map((one) => grant(...one)),
  fc.tuple(index, fc.integer({ min: 1, max: 20 })).map((one) => take(...one)),
  fc.tuple(index, fc.integer({ min: 1, max: 20 })).map((one) => take(...one)),
  fc.tuple(index, fc.integer({ min: 1, max: 60 })).map((one) => takeExactly(...one)),
  index.map(flush),
  index.map(giveBack),
  index.map(crash),
  fc.constant(expire()),
  fc.constant(revoke()),
  // Up to half as much again as was reserved.
  fc.tuple(fc.nat(30), fc.integer({ min: 0, max: 150 })).map((one) => report(...one)),
  fc.tuple(fc.nat(30), fc.integer({ min: 0, max: 150 })).map((one) => report(...one)),
];

it('the ledger is what the model says after every commit, whatever is lent, spent, lost, reported late or given back', async () => {
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 1, max: 3 }),
      fc.commands(commands, { maxCommands: 30 }),
      async (limit, nodes, happens) => {
        const real = new Real(`model ${(runs += 1)}`, limit);
        await real.open(nodes);
        await fc.asyncModelRun(() => ({ model: new Model(limit, nodes), real }), happens);
      },
    ),
    { numRuns: 100 },
  );
});
