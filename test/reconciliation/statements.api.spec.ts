import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addresses, models } from '../../src/demo/agreement.js';
import { day, hour } from '../../src/kernel/clock.js';
import { statementPage } from '../../src/reconciliation/statement.page.js';
import { Statement, StatementEvent } from '../../src/reconciliation/statement.js';
import { verifyStatement } from '../../src/reconciliation/verify-statement.js';
import { ask, given, Given, question, usageEvent } from '../setup/given.js';
import { openSecondInstance } from '../setup/second-instance.js';
import { openStage, Stage } from '../setup/stage.js';
import { readCsv } from './rfc4180.js';

interface Closed {
  id: string;
  number: number;
  findings: number;
  digest: string;
}

let stage: Stage;
let second: Awaited<ReturnType<typeof openSecondInstance>>;
let story: Given;

beforeAll(async () => {
  stage = await openStage();
  story = await given.activeAgreement(stage);
  second = await openSecondInstance(stage);
});

afterAll(async () => {
  await second.stop();
  await stage.stop();
});

const dateOf = (at: Date) => at.toISOString().slice(0, 10);
const today = () => dateOf(stage.clock.now());

async function report(...events: object[]) {
  const url = `${stage.apiUrl}/v1/usage-events`;
  return (await ask(url, { token: story.gatewayCredential, body: events })).body;
}

function close(date: string, kind = 'day'): Promise<Closed> {
  return story.cast.compliance.post<Closed>(`/v1/agreements/${story.agreementId}/statements`, { kind, date });
}

/** Ends the day and closes it. */
async function closeToday(): Promise<Closed> {
  const date = today();
  stage.clock.moveTo(new Date(new Date(`${date}T09:00:00Z`).getTime() + day));
  return close(date);
}

const download = (id: string, what: string) => story.cast.compliance.download(`/v1/statements/${id}/${what}`);
const documentOf = async (id: string) => JSON.parse(await download(id, 'document')) as Statement;

async function eventsOf(id: string): Promise<StatementEvent[]> {
  const text = await download(id, 'events');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as StatementEvent);
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

const failing = (verdict: Awaited<ReturnType<typeof verifyStatement>>) =>
  verdict.findings.filter(({ holds }) => !holds).map(({ says }) => says);

async function admitted(): Promise<string> {
  const answer = await ask<{ authorization: string }>(`${stage.gatewayUrl}/v1/authorizations`, {
    token: story.gatewayCredential,
    body: question(story.keys[0]!),
  });
  return answer.body.authorization;
}

const refused = (date: string, kind = 'day') => expect(close(date, kind)).rejects;

const told = (rule: string, kind: string, id: string, observed: string) => `${rule} ${kind} ${id} ${observed}`;

const holds = async (altered: Buffer) => failing(await verifyStatement(altered)).length === 0;

function changed(value: StatementEvent[keyof StatementEvent]): unknown {
  if (typeof value === 'number') return value + 1;
  if (value === null) return 'was null';
  return /^\d{4}-/.test(value) ? '2026-03-02T09:00:00.001Z' : `${value}x`;
}

describe('closing a day', () => {
  it('that saw nothing gives a statement of nothing, which verifies', async () => {
    const { id, number, findings } = await closeToday();
    expect({ number, findings }).toEqual({ number: 1, findings: 0 });
    const verdict = await verifyStatement(Buffer.from(await download(id, 'document')), each(await eventsOf(id)));
    expect(failing(verdict)).toEqual([]);
  });

  it('is refused before it is over, twice, before a later one, and on a date that starts no such period', async () => {
    await refused(today()).toThrow('period_not_over');
    const closed = dateOf(new Date(stage.clock.now().getTime() - day));
    await refused(closed).toThrow('already_exists');
    await refused(dateOf(new Date(stage.clock.now().getTime() - 2 * day))).toThrow('already_exists');
    await refused('2026-02-30').toThrow('invalid_request');
    await refused('2026-03-02', 'month').toThrow('invalid_request');
  });

  it('is refused to whoever may not close: the partner’s own administrator, for one', async () => {
    const path = `/v1/agreements/${story.agreementId}/statements`;
    const body = { kind: 'day', date: '2026-03-02' };
    await expect(story.cast.partnerAdmin.post(path, body)).rejects.toThrow('forbidden');
  });

  it('two at the same instant: one closes, the other is told that it exists', async () => {
    const date = today();
    stage.clock.advance(day);
    const outcomes = await Promise.allSettled([close(date), close(date), close(date)]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(String(outcome.reason)).toMatch(/already_exists/);
    }
  });

  it('keeps as findings exactly what the statement holds, and names the statement before it', async () => {
    await report(
      usageEvent('f-1', story.keys[0]!, stage.clock.now(), { authorization: await admitted() }),
      usageEvent('f-2', story.keys[0]!, stage.clock.now(), { client_ip: addresses.elsewhere }),
      usageEvent('f-3', story.keys[1]!, stage.clock.now(), { served_model: models.conversation }),
    );
    await report(usageEvent('f-1', story.keys[0]!, stage.clock.now(), { output_tokens: 1 }));
    await admitted();
    const before = (await story.cast.compliance.all<Closed & { startsAt: string }>('/v1/statements'))[0]!;
    const closed = await closeToday();
    const { findings, period, previousDigest, facts } = await documentOf(closed.id);
    expect(previousDigest).toBe(before.digest);
    expect(facts.decisions).toEqual({ allowed: 2 });
    expect(findings.map(({ rule }) => rule)).toEqual([
      'authorized_not_reported',
      'conflicting_event',
      'network_not_allowed',
      'served_model_mismatch',
      'usage_without_authorization',
      'usage_without_authorization',
    ]);
    const rows = await story.cast.partnerAdmin.all<Record<string, string>>('/v1/findings');
    const kept = rows.filter(({ periodStartsAt }) => periodStartsAt === period.startsAt);
    expect(kept.map((row) => told(row.rule!, row.subjectKind!, row.subjectId!, row.observed!)).toSorted()).toEqual(
      findings.map(({ rule, subject, observed }) => told(rule, subject.kind, subject.id, observed)).toSorted(),
    );
  });

  it('an event that comes late is a correction in the next statement, and in no other', async () => {
    const yesterday = new Date(stage.clock.now().getTime() - day);
    await report(
      usageEvent('late', story.keys[0]!, yesterday),
      usageEvent('timely', story.keys[0]!, stage.clock.now()),
    );
    const next = await closeToday();
    const { totals, corrections } = await documentOf(next.id);
    expect([totals.requests, corrections.requests]).toEqual([1, 1]);
    const after = await closeToday();
    expect((await documentOf(after.id)).events.count).toBe(0);
    const verdict = await verifyStatement(
      Buffer.from(await download(next.id, 'document')),
      each(await eventsOf(next.id)),
    );
    expect(failing(verdict)).toEqual([]);
  });

  it('waits for reports under way: raced by many, every event is in exactly one statement', async () => {
    for (const round of [1, 2, 3]) {
      const time = stage.clock.now();
      const date = today();
      stage.clock.advance(day);
      const batches = Array.from({ length: 16 }, (_batch, batch) =>
        Array.from({ length: 40 }, (_event, at) =>
          usageEvent(`race-${round}-${batch}-${at}`, story.keys[at % 3]!, time),
        ),
      );
      const sent = batches.map(async (body, at) => {
        const url = `${at % 2 ? second.apiUrl : stage.apiUrl}/v1/usage-events`;
        for (;;) {
          const { status } = await ask(url, { token: story.gatewayCredential, body });
          if (status !== 503) return status;
        }
      });
      const [closed] = await Promise.all([
        new Promise((resolve) => setTimeout(resolve, 30 * round)).then(() => close(date)),
        ...sent,
      ]);
      expect(await Promise.all(sent)).toEqual(batches.map(() => 200));
      const next = await closeToday();
      const [first, then] = [await eventsOf(closed.id), await eventsOf(next.id)];
      const ids = [...first, ...then].map(({ id }) => id);
      expect(ids.toSorted()).toEqual(
        batches
          .flat()
          .map(({ id }) => id as string)
          .toSorted(),
      );
      expect((await documentOf(closed.id)).events.count).toBe(first.length);
      expect((await documentOf(next.id)).corrections.requests).toBe(then.length);
    }
  });
});

describe('what is handed out of a statement', () => {
  const hostile = '=HYPERLINK("http://evil.example","x")';
  const script = '<script>alert(1)</script>';
  let closed: Closed;

  beforeAll(async () => {
    const at = stage.clock.now();
    await report(
      usageEvent('h-1', story.keys[0]!, at, { served_model: hostile }),
      usageEvent('h-2', story.keys[0]!, new Date(at.getTime() + hour / 60), { served_model: script }),
      usageEvent('h-3', story.keys[0]!, at, { served_model: 'a "quoted", name\r\nof two lines' }),
    );
    closed = await closeToday();
  });

  it('its CSV reads back as the lines of the statement, and no cell can run as a formula', async () => {
    const [head, ...rows] = readCsv(await download(closed.id, 'csv'));
    const { lines } = await documentOf(closed.id);
    expect(head).toEqual('hour,key,campaign,purpose,model,version,requests,input_tokens,output_tokens'.split(','));
    expect(rows).toEqual(
      lines.map((line) =>
        head!.map((name) => {
          const cell = String(line[name as keyof typeof line]);
          return /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
        }),
      ),
    );
    expect(rows.map((row) => row[4])).toContain(`'${hostile}`);
    for (const cell of rows.flat()) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
  });

  it('its page shows charts and figures, and what a gateway reported stays text', async () => {
    const page = await download(closed.id, 'page');
    expect(page.match(/<svg/g)!.length).toBeGreaterThanOrEqual(5);
    expect(page).toContain('Use against limit');
    expect(page).not.toContain('<script');
    expect(page).toContain('&#60;script&#62;alert(1)');
  });

  it('no name of the document can leave its place in the page', async () => {
    const statement = { ...(await documentOf(closed.id)) };
    const wicked = `"'></title></svg>${script}<img src=x onerror=alert(1)>&amp;`;
    statement.agreement = { id: 'id', title: wicked, provider: wicked, evaluator: wicked };
    statement.lines = statement.lines.map((line) => ({ ...line, purpose: wicked, model: wicked, key: wicked }));
    statement.facts.windows = statement.facts.windows.map((one) => ({ ...one, quota: wicked, subject: wicked }));
    statement.facts.decisions = { [wicked]: 1 };
    statement.findings = statement.findings.map((one) => ({ ...one, observed: wicked, expected: wicked }));
    const page = await statementPage(JSON.stringify(statement));
    expect(page).not.toContain('<script');
    expect(page).not.toContain('<img');
    expect(page.match(/<\/title>/g)).toHaveLength(1);
  });

  it('is the same to both parties, byte for byte', async () => {
    const partners = await story.cast.partnerSignatory.download(`/v1/statements/${closed.id}/document`);
    expect(partners).toBe(await download(closed.id, 'document'));
  });

  it('recomputed from its events it is whole; without one, with one more or with a changed one it is not', async () => {
    const bytes = Buffer.from(await download(closed.id, 'document'));
    const events = await eventsOf(closed.id);
    expect(events).toHaveLength(3);
    expect(failing(await verifyStatement(bytes, each(events)))).toEqual([]);
    const wrong = [
      events.slice(1),
      [...events, { ...events[2]!, id: 'zz' }],
      events.toReversed(),
      ...Object.keys(events[0]!).map((field) =>
        events.map((event, at) =>
          at === 1 ? { ...event, [field]: changed(event[field as keyof StatementEvent]) } : event,
        ),
      ),
    ];
    for (const altered of wrong) expect(failing(await verifyStatement(bytes, each(altered)))).not.toEqual([]);
  });

  it('with any one byte changed, dropped or doubled it is never whole', async () => {
    const bytes = Buffer.from(await download(closed.id, 'document'));
    expect(await holds(bytes)).toBe(true);
    for (let at = 0; at < bytes.length; at += 1) {
      const flipped = Buffer.from(bytes);
      flipped[at]! ^= 1 << (at % 8);
      expect(await holds(flipped), `byte ${at}`).toBe(false);
    }
    for (let at = 0; at < bytes.length; at += 97) {
      expect(await holds(Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]))).toBe(false);
      expect(await holds(Buffer.concat([bytes.subarray(0, at + 1), bytes.subarray(at)]))).toBe(false);
    }
  });
});
