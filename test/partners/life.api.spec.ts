import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { second } from '../../src/kernel/clock.js';
import { Callers, callersOf, countStatuses, hire, inParallel } from '../setup/caller.js';
import { given, Given } from '../setup/given.js';
import { active, approve, checks, enter, notice, Partner, prospect, read, signatory } from '../setup/partners.js';
import { submit, submitted } from '../setup/partners.js';
import { openStage, Stage } from '../setup/stage.js';

describe('a partner organisation', () => {
  let stage: Stage;
  let story: Given;
  let people: Callers;

  beforeAll(async () => {
    stage = await openStage();
    story = await given.activeAgreement(stage);
    people = await callersOf(stage, story.cast);
  });

  afterAll(() => stage.stop());

  const decline = (id: string, reason = 'Its owner is on a list.') =>
    people.approver.post<Partner>(`/v1/partners/${id}/decline`, { reason });
  const offboard = (id: string) =>
    people.approver.post<Partner>(`/v1/partners/${id}/offboarding`, { reason: 'The work is done.' });
  const actionsOf = async (id: string) => {
    const entries = await story.cast.compliance.all<{ action: string }>(`/v1/audit-entries?subject=${id}`);
    return entries.map(({ action }) => action).toReversed();
  };

  it('goes from prospect over review to active and is offboarded, and the log tells each step', async () => {
    const { id, state } = await enter(people);
    const returned = await people.approver.post<Partner>(`/v1/partners/${id}/return`);
    expect([state, returned.status, returned.body.code]).toEqual(['prospect', 409, 'move_not_allowed']);
    expect((await submit(people, id)).body.state).toBe('under_review');
    expect((await people.approver.post<Partner>(`/v1/partners/${id}/return`)).body.state).toBe('prospect');
    expect((await submit(people, id)).body.state).toBe('under_review');
    expect((await approve(people, id)).body.state).toBe('active');
    stage.clock.advance(second);
    expect((await offboard(id)).body).toMatchObject({
      state: 'offboarded',
      endedAt: stage.clock.now().toISOString(),
      endReason: 'The work is done.',
      allowedActions: [],
    });
    const steps = ['entered', 'submitted', 'returned', 'submitted', 'approved', 'offboarded'];
    expect(await actionsOf(id)).toEqual(steps.map((step) => `partner.${step}`));
  });

  it('is declined by an approver, with a reason, and stays declined', async () => {
    const { id } = await submitted(people);
    const { status, body } = await decline(id);
    expect(status).toBe(201);
    expect(body).toMatchObject({ state: 'declined', endReason: 'Its owner is on a list.', allowedActions: [] });
    expect((await decline(id)).body.code).toBe('move_not_allowed');
    expect((await approve(people, id)).body.code).toBe('move_not_allowed');
    expect(await actionsOf(id)).toEqual(['partner.entered', 'partner.submitted', 'partner.declined']);
    expect(await read(people, id)).toMatchObject({ state: 'declined', contacts: [signatory, notice] });
  });

  it('is declined while it is under review and at no other time', async () => {
    for (const { id } of [await enter(people), await active(people)]) {
      expect(await decline(id)).toMatchObject({ status: 409, body: { code: 'move_not_allowed' } });
    }
  });

  it('is offboarded while it is active and at no other time', async () => {
    for (const { id } of [await enter(people), await submitted(people)]) {
      expect(await offboard(id)).toMatchObject({ status: 409, body: { code: 'move_not_allowed' } });
    }
  });

  it('is submitted with a signatory and a notice contact, and no other kind stands in for them', async () => {
    const others = ['security', 'billing'].map((kind) => ({ ...notice, kind }));
    for (const contacts of [[], others, [signatory, ...others], [notice, ...others]]) {
      const { id } = await enter(people, contacts);
      const { status, body } = await submit(people, id);
      expect([status, body.code], JSON.stringify(contacts)).toEqual([422, 'invalid_request']);
      expect(body).toMatchObject({ pointer: '/contacts' });
      expect((await read(people, id)).state).toBe('prospect');
    }
  });

  it('is approved by somebody else than who submitted it, whatever their roles', async () => {
    const both = await hire(stage, people.admin, 'Bo Both', ['partnerships', 'approver']);
    const { id } = await enter(people);
    await both.post(`/v1/partners/${id}/submission`);
    const own = await both.post(`/v1/partners/${id}/approval`, checks);
    expect(own).toMatchObject({ status: 403, body: { code: 'separation_of_duties' } });
    expect((await approve(people, id)).status).toBe(201);
  });

  it('tells each person what they may do now', async () => {
    const { id } = await submitted(people);
    const actions = async (by: keyof Callers) =>
      (await people[by].get<Partner>(`/v1/partners/${id}`)).body.allowedActions.toSorted();
    expect(await actions('approver')).toEqual(['approve', 'decline', 'record_check', 'return']);
    expect(await actions('partnerships')).toEqual(['add_contact', 'record_check', 'remove_contact', 'set_networks']);
    expect(await actions('compliance')).toEqual(['record_check']);
    expect(await actions('admin')).toEqual([]);
  });

  it('approved, declined and returned at once comes to one of these', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { id } = await submitted(people);
      const answers = await Promise.all([
        approve(people, id),
        decline(id),
        people.approver.post<Partner>(`/v1/partners/${id}/return`),
      ]);
      expect(countStatuses(answers)).toEqual({ 201: 1, 409: 2 });
    }
  });

  it('that has ended takes no command, invites nobody and is party to nothing new', async () => {
    const { partnerships, approver, compliance } = people;
    const ended = await active(people);
    await offboard(ended.id);
    const declined = await submitted(people);
    await decline(declined.id);
    for (const { id } of [ended, declined]) {
      const before = await read(people, id);
      const draft = await partnerships.get<{ terms: object; prose: object[] }>(
        `/v1/agreements/${story.agreementId}/revisions/1`,
      );
      const { terms, prose } = draft.body;
      const path = `/v1/partners/${id}`;
      const contact = { kind: 'billing', name: 'Office', email: 'office@other.example' };
      const answers = [
        await partnerships.put(path, prospect()),
        await partnerships.post(`${path}/submission`),
        await approver.post(`${path}/return`),
        await approver.post(`${path}/approval`, checks),
        await approver.post(`${path}/offboarding`, { reason: 'Again.' }),
        await compliance.post(`${path}/checks`, { kind: 'sanctions', ...checks.sanctions }),
        await partnerships.post(`${path}/contacts`, contact),
        await partnerships.delete(`${path}/contacts/${before.contacts[0]!.id}`),
        await partnerships.put(`${path}/networks`, { cidrs: [] }),
        await partnerships.post(`${path}/invitations`, { email: 'a@other.example', roles: ['partner_admin'] }),
        await partnerships.post('/v1/agreements', { organisationId: id, title: 'Another', terms, prose }),
      ];
      expect(answers.map(({ body }) => body.code)).toEqual(answers.map(() => 'move_not_allowed'));
      expect(await read(people, id)).toEqual(before);
    }
  });

  it('shows the stops of all of it, in whatever state it is, until they are lifted', async () => {
    const made = [await enter(people), await submitted(people), await active(people)];
    const declined = await submitted(people);
    await decline(declined.id);
    for (const { id } of [...made, declined]) {
      expect((await read(people, id)).suspensions).toEqual([]);
      const because = { reasonCode: 'legal', reason: 'A court said so.' };
      const stop = (await people.compliance.post<{ id: string }>(`/v1/partners/${id}/suspensions`, because)).body;
      const shown = {
        id: stop.id,
        scope: 'organisation',
        target: id,
        reasonCode: 'legal',
        suspendedAt: stage.clock.now().toISOString(),
      };
      expect((await read(people, id)).suspensions).toEqual([shown]);
      const { body: page } = await people.compliance.get<{ data: Partner[] }>('/v1/partners?limit=200');
      expect(page.data.find((one) => one.id === id)!.suspensions).toEqual([shown]);
      await people.compliance.post(`/v1/suspensions/${stop.id}/lift-proposal`);
      await people.approver.post(`/v1/suspensions/${stop.id}/lifting`);
      expect((await read(people, id)).suspensions).toEqual([]);
    }
  });

  it('does not show a stop of a part of it as one of all of it', async () => {
    const because = { reasonCode: 'security', reason: 'A look at it.', scope: 'agreement' };
    await people.compliance.post(`/v1/agreements/${story.agreementId}/suspensions`, because);
    expect((await read(people, story.organisationId)).suspensions).toEqual([]);
  });

  it('in a list is what it is by itself', async () => {
    const { body: page } = await people.compliance.get<{ data: Partner[] }>('/v1/partners?limit=200');
    expect(page.data.length).toBeGreaterThan(20);
    for (const partner of page.data) expect(partner).toEqual(await read(people, partner.id));
  });

  it('has a version that moves on with everything that belongs to it', async () => {
    const { id } = await enter(people);
    const path = `/v1/partners/${id}`;
    const billing = { kind: 'billing', name: 'Office', email: 'office@other.example' };
    const versions = [(await read(people, id)).version];
    const moves = [
      () => people.partnerships.post(`${path}/contacts`, billing),
      async () => people.partnerships.delete(`${path}/contacts/${(await read(people, id)).contacts[0]!.id}`),
      () => people.compliance.post(`${path}/checks`, { kind: 'conflict', ...checks.conflict }),
      () => people.partnerships.put(`${path}/networks`, { cidrs: ['198.51.100.0/24'] }),
      () => people.partnerships.put(`${path}/networks`, { cidrs: ['198.51.100.0/24'] }),
    ];
    for (const move of moves) {
      expect((await move()).status).toBeLessThan(300);
      versions.push((await read(people, id)).version);
    }
    expect(versions).toEqual(versions.map((_, at) => versions[0]! + at));
  });

  it('is not approved on what was read before another check was recorded', async () => {
    const { id, version } = await submitted(people);
    await people.compliance.post(`/v1/partners/${id}/checks`, { kind: 'conflict', ...checks.conflict });
    const late = await people.approver.post(`/v1/partners/${id}/approval`, checks, { 'If-Match': `"${version}"` });
    expect([late.status, late.body.code]).toEqual([412, 'version_mismatch']);
  });

  it('given one command many times at once follows it once', async () => {
    const { id } = await enter(people);
    expect(countStatuses(await inParallel(6, () => submit(people, id)))).toEqual({ 201: 1, 409: 5 });
    expect(countStatuses(await inParallel(6, () => approve(people, id)))).toEqual({ 201: 1, 409: 5 });
    expect(countStatuses(await inParallel(6, () => offboard(id)))).toEqual({ 201: 1, 409: 5 });
  });
});
