import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addresses, models } from '../../src/demo/agreement.js';
import { day, minute } from '../../src/kernel/clock.js';
import { IngestAnswer } from '../../src/usage/usage.dto.js';
import { Answer, ask, given, Given, question, usageEvent } from '../setup/given.js';
import { openStage, Stage } from '../setup/stage.js';
import { StoredWindow, windowsIn } from '../setup/windows.js';

let stage: Stage;
let story: Given;

beforeAll(async () => {
  stage = await openStage();
  story = await given.activeAgreement(stage, 20);
});

afterAll(() => stage.stop());

let counter = 0;
const fresh = () => `event-${(counter += 1)}`;

function send(body: unknown, type = 'application/json', token = story.gatewayCredential) {
  const url = `${stage.apiUrl}/v1/usage-events`;
  return ask<IngestAnswer & { code?: string; detail?: string }>(url, {
    body,
    token,
    headers: { 'Content-Type': type },
  });
}

function event(data: object = {}, { id = fresh(), key = 0, at = stage.clock.now() } = {}) {
  return usageEvent(id, story.keys[key]!, at, data);
}

async function recorded(...events: object[]): Promise<IngestAnswer> {
  const answer = await send(events);
  expect(answer.status).toBe(200);
  return answer.body;
}

const resultsOf = ({ body }: Answer<IngestAnswer>) => body.results.map(({ result }) => result);

async function stored(): Promise<number> {
  return Number((await stage.sql<{ count: string }>('SELECT count(*) AS count FROM usage_event'))[0]!.count);
}

const today = (windows: StoredWindow[]) => windows.filter(({ startsAt }) => startsAt <= stage.clock.now());

const newest = async () => new Map(today(await windowsIn(stage)).map((window) => [window.quota, window]));

async function admitted(changes: object = {}, key = 0): Promise<string> {
  const answer = await ask<{ authorization: string }>(`${stage.gatewayUrl}/v1/authorizations`, {
    token: story.gatewayCredential,
    body: question(story.keys[key]!, changes),
  });
  expect(answer.body.authorization).toEqual(expect.any(String));
  return answer.body.authorization;
}

async function statesOf(...events: Record<string, unknown>[]): Promise<unknown[]> {
  const rows = await stage.sql<{ id: string; state: string }>(
    'SELECT event_id AS id, authorization_state AS state FROM usage_event WHERE event_id = ANY($1)',
    [events.map(({ id }) => id)],
  );
  const states = new Map(rows.map(({ id, state }) => [id, state]));
  return events.map(({ id }) => states.get(id as string));
}

describe('what a report may look like', () => {
  it('one event, a batch and lines of NDJSON are all taken, under each of their media types', async () => {
    const one = await send(event(), 'application/cloudevents+json');
    const plain = await send(event());
    const batch = await send([event(), event()], 'application/cloudevents-batch+json; charset=utf-8');
    const lines = [event(), event(), event()].map((line) => JSON.stringify(line)).join('\n');
    const stream = await send(`\n${lines}\r\n\n`, 'application/x-ndjson');
    const counts = [one, plain, batch, stream].map(({ status, body }) => [status, body.recorded]);
    expect(counts).toEqual([
      [200, 1],
      [200, 1],
      [200, 2],
      [200, 3],
    ]);
  });

  it('an empty batch is taken and nothing of it', async () => {
    expect(await recorded()).toMatchObject({ recorded: 0, rejected: 0, results: [] });
  });

  it('another media type is 415, a syntax error 400 with its line, and nothing is taken', async () => {
    const before = await stored();
    expect((await send(event(), 'text/plain')).status).toBe(415);
    expect((await send('{"a":', 'application/json')).status).toBe(400);
    const broken = await send(`${JSON.stringify(event())}\n{"a":1,"a":2}\n`, 'application/x-ndjson');
    expect(broken.status).toBe(400);
    expect(broken.body.detail).toMatch(/^Line 2: /);
    expect(await stored()).toBe(before);
  });

  it('the limits hold: 1,000 events, 10,000 lines, 16 MiB; each can be reached and none be passed', async () => {
    const line = JSON.stringify(event());
    const before = await stored();
    expect((await send(`[${Array(1_001).fill(line).join()}]`)).status).toBe(413);
    expect((await send(`${line}\n`.repeat(10_001), 'application/x-ndjson')).status).toBe(413);
    expect((await send(`[${' '.repeat(16 * 1_048_576)}]`)).status).toBe(413);
    expect(await stored()).toBe(before);
    expect((await send(`[${Array(1_000).fill(line).join()}]`)).body).toMatchObject({ recorded: 1, duplicates: 999 });
    const lines = await send(`${line}\n`.repeat(10_000), 'application/x-ndjson');
    expect(lines.body).toMatchObject({ recorded: 0, duplicates: 10_000 });
  });

  it('only a gateway in good standing may report: no token and a person’s are refused', async () => {
    const before = await stored();
    expect((await send(event(), undefined, '')).status).toBe(401);
    const login = { email: 'cleo@lab.example', password: 'correct horse battery staple' };
    const session = await ask<{ accessToken: string }>(`${stage.apiUrl}/v1/sessions`, { body: login });
    expect((await send(event(), undefined, session.body.accessToken)).status).toBe(403);
    expect(await stored()).toBe(before);
  });
});

describe('what becomes of each event', () => {
  it('recorded, duplicate, conflict and rejected are told apart, each in its place', async () => {
    const known = event();
    await recorded(known);
    const contradicting = { ...known, data: { ...(known.data as object), output_tokens: 51 } };
    const answer = await send([event(), known, contradicting, { ...event(), type: 'other' }, event()]);
    expect(resultsOf(answer)).toEqual(['recorded', 'duplicate', 'conflict', 'rejected', 'recorded']);
    expect(answer.body).toMatchObject({ recorded: 2, duplicates: 1, conflicts: 1, rejected: 1 });
  });

  it('the same event spelled in another order is a duplicate', async () => {
    const one = event();
    await recorded(one);
    const reversed = Object.fromEntries(Object.entries(one).toReversed());
    expect(resultsOf(await send([reversed]))).toEqual(['duplicate']);
  });

  it('within a batch the first of an identity is kept: a copy is a duplicate, a contradiction a conflict', async () => {
    const one = event();
    const other = { ...one, data: { ...(one.data as object), output_tokens: 1 } };
    expect(resultsOf(await send([one, one, other, one]))).toEqual(['recorded', 'duplicate', 'conflict', 'duplicate']);
    const kept = await stage.sql('SELECT output_tokens FROM usage_event WHERE event_id = $1', [one.id]);
    expect(kept).toEqual([{ output_tokens: 50 }]);
  });

  it('a conflict changes nothing that was counted, however often it is sent', async () => {
    const one = event();
    await recorded(one);
    const before = await windowsIn(stage);
    const other = { ...one, data: { ...(one.data as object), output_tokens: 9_999 } };
    for (const _ of [1, 2, 3]) expect(resultsOf(await send([other]))).toEqual(['conflict']);
    expect(await windowsIn(stage)).toEqual(before);
    expect(await stage.sql('SELECT 1 FROM usage_conflict WHERE event_id = $1', [one.id])).toHaveLength(1);
  });

  it('the same id from two sources is two events', async () => {
    const one = event();
    expect(resultsOf(await send([one, { ...one, source: 'gateway://other' }]))).toEqual(['recorded', 'recorded']);
  });

  it('an event of a key that nobody issued is rejected by itself', async () => {
    const answer = await send([event(), { ...event(), subject: 'nobodyhasit0' }, event()]);
    expect(resultsOf(answer)).toEqual(['recorded', 'rejected', 'recorded']);
    expect(answer.body.results[1]!.reason).toMatch(/^\/subject/);
  });

  it('whatever one item is, its neighbours are recorded', async () => {
    const strange = [
      null,
      7,
      'text',
      [],
      {},
      { ...event(), data: null },
      { ...event(), time: 'yesterday' },
      { ...event(), id: '' },
      { ...event(), id: 'x'.repeat(201) },
      { ...event(), specversion: '0.3' },
      event({ input_tokens: -1 }),
      event({ output_tokens: 1.5 }),
      event({ output_tokens: 1_000_000_001 }),
      event({ surprise: true }),
      event({ endpoint: 'a\0b' }),
      { ...event(), extension: 'a\0b' },
      { ...event(), ['a\0b']: 1 },
    ];
    const answer = await send(strange.flatMap((item) => [event(), item]));
    expect(answer.status).toBe(200);
    expect(resultsOf(answer)).toEqual(strange.flatMap(() => ['recorded', 'rejected']));
    for (const { result, reason } of answer.body.results) if (result === 'rejected') expect(reason).toBeTruthy();
  });

  it('an extension attribute is welcome, is part of the payload, and may hold what only looks like a NUL', async () => {
    const one = { ...event(), traceparent: 'C:\\u0000' };
    expect(resultsOf(await send([one]))).toEqual(['recorded']);
    expect(resultsOf(await send([{ ...one, traceparent: '01' }]))).toEqual(['conflict']);
  });

  it('a conflict that only differs by what cannot be stored is rejected, and does not take its batch down', async () => {
    const one = event();
    await recorded(one);
    expect(resultsOf(await send([{ ...one, extension: { deep: ['\0'] } }, event()]))).toEqual(['rejected', 'recorded']);
  });

  it('35 days old is taken and a millisecond more is not; five minutes ahead likewise', async () => {
    const now = stage.clock.now().getTime();
    const at = (milliseconds: number) => event({}, { at: new Date(now + milliseconds) });
    const answer = await send([at(-35 * day), at(-35 * day - 1), at(5 * minute), at(5 * minute + 1)]);
    expect(resultsOf(answer)).toEqual(['recorded', 'rejected', 'recorded', 'rejected']);
    expect(answer.body.results.flatMap(({ reason }) => reason ?? [])).toEqual([
      '/time: more than 35 days old.',
      '/time: more than 5 minutes ahead.',
    ]);
  });
});

describe('how a report settles the quotas', () => {
  let before: Map<string, StoredWindow>;

  beforeEach(async () => {
    // A day of its own for each test, so that its windows begin empty.
    stage.clock.advance(day);
    before = await newest();
  });

  async function counts(quota: string) {
    const { startsAt, leased, used, overrun } = (await newest()).get(quota)!;
    expect(startsAt.getTime()).toBeGreaterThan(before.get(quota)?.startsAt.getTime() ?? 0);
    return { leased, used, overrun };
  }

  it('what was reserved becomes what was used, and what was not used is free again', async () => {
    const authorization = await admitted();
    expect(await counts('output-tokens-daily')).toEqual({ leased: 50, used: 0, overrun: 0 });
    await recorded(event({ authorization, output_tokens: 20 }));
    expect(await counts('output-tokens-daily')).toEqual({ leased: 0, used: 20, overrun: 0 });
    expect(await counts('code-requests-daily')).toEqual({ leased: 0, used: 1, overrun: 0 });
  });

  it('an event sent again settles nothing again', async () => {
    const [first, second] = [await admitted(), await admitted()];
    const one = event({ authorization: first });
    for (const _ of [1, 2, 3]) await send([one, one]);
    expect(await counts('code-requests-daily')).toEqual({ leased: 1, used: 1, overrun: 0 });
    await recorded(event({ authorization: second }));
    expect(await counts('code-requests-daily')).toEqual({ leased: 0, used: 2, overrun: 0 });
  });

  it('use beyond a hard limit is counted as overrun, and flows back as reservations end with less', async () => {
    const estimate = { input_tokens: 1, max_output_tokens: 15_000_000 };
    const authorization = await admitted({ estimate });
    await recorded(event({ output_tokens: 6_000_000 }));
    expect(await counts('output-tokens-daily')).toEqual({ leased: 15_000_000, used: 5_000_000, overrun: 1_000_000 });
    await recorded(event({ authorization, output_tokens: 10 }));
    expect(await counts('output-tokens-daily')).toEqual({ leased: 0, used: 6_000_010, overrun: 0 });
  });

  it('an admission that used more than it reserved is counted in full', async () => {
    const estimate = { input_tokens: 1, max_output_tokens: 19_000_000 };
    const authorization = await admitted({ estimate });
    await recorded(event({ authorization, output_tokens: 21_000_000 }));
    expect(await counts('output-tokens-daily')).toEqual({ leased: 0, used: 20_000_000, overrun: 1_000_000 });
  });

  it('an authorization is settled once; a second event that cites it is reused, and counted by itself', async () => {
    const authorization = await admitted();
    const [first, second] = [event({ authorization }), event({ authorization })];
    await recorded(first, second);
    expect(await statesOf(first, second)).toEqual(['settled', 'reused']);
    const third = event({ authorization });
    await recorded(third);
    expect(await statesOf(third)).toEqual(['reused']);
    expect(await counts('code-requests-daily')).toEqual({ leased: 0, used: 3, overrun: 0 });
  });

  it('an authorization of another key is mismatched and stays for its own', async () => {
    const authorization = await admitted({}, 1);
    const [wrong, right] = [event({ authorization }), event({ authorization }, { key: 1 })];
    await recorded(wrong);
    expect(await counts('code-requests-daily')).toEqual({ leased: 1, used: 1, overrun: 0 });
    await recorded(right);
    expect(await statesOf(wrong, right)).toEqual(['mismatched', 'settled']);
    expect(await counts('code-requests-daily')).toEqual({ leased: 0, used: 2, overrun: 0 });
  });

  it('an authorization that nobody gave, be it no id or a refusal’s, is unknown; without one it is none', async () => {
    await ask(`${stage.gatewayUrl}/v1/authorizations`, {
      token: story.gatewayCredential,
      body: question(story.keys[0]!, { client: { ip: addresses.elsewhere } }),
    });
    const refusals = await stage.sql<{ id: string }>("SELECT id FROM decision_record WHERE code <> 'allowed'");
    const cited = ['no id', '0197c0de-0000-7000-8000-000000000000', refusals[0]!.id, null, undefined];
    const events = cited.map((authorization) => event({ authorization }));
    await recorded(...events);
    expect(await statesOf(...events)).toEqual(['unknown', 'unknown', 'unknown', 'none', 'none']);
    expect(await counts('code-requests-daily')).toEqual({ leased: 0, used: 5, overrun: 0 });
  });

  it('use is counted in the windows of its own time, and outside the term in none', async () => {
    const yesterday = new Date(stage.clock.now().getTime() - day);
    const beforeTerm = new Date(story.from.getTime() - minute);
    const all = async () => (await windowsIn(stage)).reduce((sum, { used, overrun }) => sum + used + overrun, 0);
    const sum = await all();
    await recorded(event({ output_tokens: 0 }, { at: yesterday }));
    expect(await all()).toBe(sum + 2);
    await recorded(event({ output_tokens: 0 }, { at: beforeTerm }));
    expect(await all()).toBe(sum + 2);
  });

  it('what another model answered is counted under the model that answered, where nothing was authorised', async () => {
    await recorded(event({ served_model: models.conversation }));
    expect(await counts('output-tokens-daily')).toEqual({ leased: 0, used: 50, overrun: 0 });
    expect((await newest()).get('code-requests-daily')?.startsAt).toEqual(before.get('code-requests-daily')?.startsAt);
  });
});

describe('what is left behind', () => {
  it('is no key, wherever a client may have put one', async () => {
    const misplaced = event({ run: `run of ${story.keys[0]!.key}` }) as { id: string };
    await recorded(misplaced);
    const [kept] = await stage.sql<{ run: string }>('SELECT run FROM usage_event WHERE event_id = $1', [misplaced.id]);
    expect(kept!.run).toMatch(/^run of /);
    expect(kept!.run).not.toContain(story.keys[0]!.key);
  });

  it('the rollups are what the events add up to, hour by hour, and the API shows them', async () => {
    const columns = 'agreement_id, version, campaign_id, key_id, model, purpose, hour, requests, input, output';
    const fromEvents = await stage.sql(
      `SELECT agreement_id, coalesce(agreement_version, 0) AS version, campaign_id, key_id, served_model AS model, purpose,
         date_trunc('hour', time, 'UTC') AS hour, count(*) AS requests, sum(input_tokens)::bigint AS input,
         sum(output_tokens)::bigint AS output FROM usage_event GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7`,
    );
    const rollups = await stage.sql(
      `SELECT ${columns} FROM (SELECT agreement_id, agreement_version AS version, campaign_id, key_id, model, purpose,
         hour, requests, input_tokens AS input, output_tokens AS output FROM usage_rollup) r
       ORDER BY 1, 2, 3, 4, 5, 6, 7`,
    );
    expect(rollups.length).toBeGreaterThan(5);
    expect(rollups).toEqual(fromEvents);
    const { lines } = await story.cast.partnerAdmin.get<{ lines: { requests: number }[] }>(
      `/v1/usage?agreementId=${story.agreementId}`,
    );
    expect(lines.reduce((sum, { requests }) => sum + requests, 0)).toBe(await stored());
  });

  it('every batch leaves an entry in the log of the partner whose events it held, with their count and sums', async () => {
    await recorded(event({ input_tokens: 11, output_tokens: 3 }), event({ input_tokens: 31, output_tokens: 4 }));
    type Entry = { action: string; detail: Record<string, unknown> };
    const entries = await story.cast.partnerAdmin.all<Entry>('/v1/audit-entries');
    const own = entries.filter(({ action, detail }) => action === 'usage.recorded' && detail.input_tokens === 42);
    expect(own.map(({ detail }) => detail)).toEqual([
      { events: 2, input_tokens: 42, output_tokens: 7, root: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
  });
});
