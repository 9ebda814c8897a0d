import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { second } from '../../src/kernel/clock.js';
import { Caller, Callers, callersOf, inParallel } from '../setup/caller.js';
import { given, Given } from '../setup/given.js';
import { active, approve, checks, enter, read, submitted } from '../setup/partners.js';
import { openStage, Stage } from '../setup/stage.js';

interface Check {
  id: string;
  kind: string;
  outcome: string;
  note: string | null;
}

describe('a check of due diligence', () => {
  let stage: Stage;
  let story: Given;
  let people: Callers;

  beforeAll(async () => {
    stage = await openStage();
    story = await given.activeAgreement(stage);
    people = await callersOf(stage, story.cast);
  });

  afterAll(() => stage.stop());

  const record = (by: Caller, id: string, outcome: string, kind = 'sanctions') =>
    by.post<Check>(`/v1/partners/${id}/checks`, { kind, outcome, source: `A list: ${outcome}` });
  const list = async (id: string) =>
    (await people.compliance.get<{ data: Check[] }>(`/v1/partners/${id}/checks`)).body.data;
  const idOf = async (by: Caller) => (await by.get<{ id: string }>('/v1/me')).body.id;

  it('is recorded before, during and after review, with who made it and when', async () => {
    for (const { id } of [await enter(people), await submitted(people), await active(people)]) {
      for (const by of [people.partnerships, people.approver, people.compliance]) {
        stage.clock.advance(second);
        const { status, body } = await record(by, id, 'clear', 'conflict');
        expect(status).toBe(201);
        expect(body).toMatchObject({
          kind: 'conflict',
          outcome: 'clear',
          source: 'A list: clear',
          note: null,
          checkedBy: await idOf(by),
          checkedAt: stage.clock.now().toISOString(),
        });
        expect((await list(id))[0]).toEqual(body);
      }
    }
  });

  it('of each kind makes the due diligence that a partner shows, the newest of each', async () => {
    const { id } = await enter(people);
    await record(people.compliance, id, 'blocked');
    expect((await read(people, id)).dueDiligence).toBeNull();
    await record(people.compliance, id, 'clear', 'conflict');
    stage.clock.advance(second);
    await record(people.partnerships, id, 'accepted_risk');
    expect((await read(people, id)).dueDiligence).toEqual({
      sanctions: { outcome: 'accepted_risk', source: 'A list: accepted_risk' },
      conflict: { outcome: 'clear', source: 'A list: clear' },
      checkedBy: await idOf(people.partnerships),
      checkedAt: stage.clock.now().toISOString(),
    });
  });

  it('is made of each kind by an approval', async () => {
    const { id } = await active(people);
    const checkedAt = stage.clock.now().toISOString();
    const checkedBy = await idOf(people.approver);
    expect((await read(people, id)).dueDiligence).toEqual({ ...checks, checkedBy, checkedAt });
    const made = [
      { kind: 'sanctions', ...checks.sanctions },
      { kind: 'conflict', ...checks.conflict },
    ].map((check) => ({ ...check, note: null, checkedBy, checkedAt }));
    const rows = (await list(id)).map(({ id: _, ...rest }) => rest);
    expect(rows.toSorted((one, other) => (one.kind < other.kind ? 1 : -1))).toEqual(made);
  });

  it.each(['sanctions', 'conflict'])(
    'that says blocked stands in the way of approval, by its kind: %s',
    async (kind) => {
      const { id } = await submitted(people);
      await record(people.compliance, id, 'clear', kind);
      await record(people.compliance, id, 'blocked', kind);
      const refused = await approve(people, id);
      expect([refused.status, refused.body.code]).toEqual([409, 'move_not_allowed']);
      expect(refused.body).toMatchObject({ detail: `The newest ${kind} check says blocked.` });
      expect(await list(id)).toHaveLength(2);
      await record(people.compliance, id, 'accepted_risk', kind);
      expect((await approve(people, id)).body.state).toBe('active');
    },
  );

  it('counts by the order in which checks were recorded, not by the clocks of nodes', async () => {
    const { id } = await submitted(people);
    await record(people.compliance, id, 'clear');
    // As a node would leave it whose clock is an hour ahead.
    await stage.sql('ALTER TABLE partner_check DISABLE TRIGGER USER');
    await stage.sql("UPDATE partner_check SET checked_at = checked_at + interval '1 hour' WHERE organisation_id = $1", [
      id,
    ]);
    await stage.sql('ALTER TABLE partner_check ENABLE TRIGGER USER');
    await record(people.compliance, id, 'blocked');
    expect((await approve(people, id)).status).toBe(409);
  });

  it('recorded beside many others at once has a place of its own among them', async () => {
    const { id } = await submitted(people);
    const answers = await inParallel(8, () => record(people.compliance, id, 'clear'));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    const numbers = await stage.sql('SELECT number FROM partner_check WHERE organisation_id = $1 ORDER BY number', [
      id,
    ]);
    expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((number) => ({ number })));
  });

  it('is read by the lab; the partner sees what came out, in its log too, and never the note', async () => {
    const id = story.organisationId;
    const note = 'A sentence for the lab’s own eyes.';
    const body = { kind: 'sanctions', outcome: 'accepted_risk', source: 'A list', note };
    const { body: check } = await people.compliance.post<Check>(`/v1/partners/${id}/checks`, body);
    expect(check.note).toBe(note);
    for (const by of [people.partnerAdmin, people.partnerSignatory, people.researcher]) {
      expect((await by.get(`/v1/partners/${id}/checks`)).status).toBe(403);
    }
    const seen = [
      (await people.partnerAdmin.get(`/v1/partners/${id}`)).body,
      await story.cast.partnerAdmin.all('/v1/audit-entries'),
    ];
    expect(JSON.stringify(seen)).not.toContain(note);
    expect(seen[0]).toMatchObject({ dueDiligence: { sanctions: { outcome: 'accepted_risk', source: 'A list' } } });
    expect(JSON.stringify(seen[1])).toContain(check.id);
  });

  it('is never changed or removed by the service', async () => {
    const { id } = await active(people);
    const paths = (await list(id)).map((check) => `/v1/partners/${id}/checks/${check.id}`);
    for (const path of paths) {
      expect((await people.compliance.put(path, {})).status).toBe(404);
      expect((await people.compliance.delete(path)).status).toBe(404);
    }
  });
});
