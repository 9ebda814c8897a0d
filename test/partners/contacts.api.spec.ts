import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { second } from '../../src/kernel/clock.js';
import { Caller, Callers, callersOf, countStatuses, inParallel } from '../setup/caller.js';
import { given, Given } from '../setup/given.js';
import { enter, notice, Partner, prospect, read, signatory, submitted } from '../setup/partners.js';
import { openStage, Stage } from '../setup/stage.js';

interface Contact {
  id: string;
  kind: string;
  email: string;
  addedBy: string;
  addedAt: string;
  removedAt: string | null;
  code?: string;
  pointer?: string;
}

const security = { kind: 'security', name: 'On call', email: 'security@other.example' };

describe('a contact', () => {
  let stage: Stage;
  let story: Given;
  let people: Callers;

  beforeAll(async () => {
    stage = await openStage();
    story = await given.activeAgreement(stage);
    people = await callersOf(stage, story.cast);
  });

  afterAll(() => stage.stop());

  const add = (by: Caller, id: string, body: object) => by.post<Contact>(`/v1/partners/${id}/contacts`, body);
  const remove = (by: Caller, id: string, contactId: string) =>
    by.delete<Contact>(`/v1/partners/${id}/contacts/${contactId}`);
  const list = async (by: Caller, id: string) =>
    (await by.get<{ data: Contact[] }>(`/v1/partners/${id}/contacts`)).body.data;
  const idOf = async (by: Caller) => (await by.get<{ id: string }>('/v1/me')).body.id;
  const inForce = async (id: string) => (await read(people, id)).contacts.map(({ kind, email }) => `${kind} ${email}`);

  it('knows who added it and when, is in force until it is removed, and is never forgotten', async () => {
    const { id } = await submitted(people);
    const addedAt = stage.clock.now().toISOString();
    const { status, body: contact } = await add(people.partnerships, id, security);
    expect(status).toBe(201);
    expect(contact).toMatchObject({
      ...security,
      addedBy: await idOf(people.partnerships),
      addedAt,
      removedAt: null,
    });
    expect((await read(people, id)).contacts).toContainEqual(contact);
    stage.clock.advance(second);
    const removed = await remove(people.partnerships, id, contact.id);
    expect(removed.body).toEqual({ ...contact, removedAt: stage.clock.now().toISOString() });
    expect(await inForce(id)).not.toContain('security security@other.example');
    expect(await list(people.compliance, id)).toContainEqual(removed.body);
  });

  it('is kept by the partner’s admin for their own organisation, and no other member', async () => {
    const own = story.organisationId;
    const { body: contact } = await add(people.partnerAdmin, own, security);
    expect((await read(people, own)).contacts).toContainEqual(contact);
    expect((await list(people.researcher, own)).map(({ id }) => id)).toContain(contact.id);
    for (const other of [people.researcher, people.partnerSignatory, people.compliance]) {
      expect((await add(other, own, notice)).status).toBe(403);
      expect((await remove(other, own, contact.id)).status).toBe(403);
    }
    expect((await remove(people.partnerAdmin, own, contact.id)).status).toBe(200);
  });

  it('of another organisation does not exist, by whichever path', async () => {
    const { id, contacts } = await submitted(people);
    const foreign = contacts[0]!.id;
    const own = story.organisationId;
    expect((await people.partnerAdmin.get(`/v1/partners/${id}/contacts`)).status).toBe(404);
    expect((await add(people.partnerAdmin, id, security)).status).toBe(404);
    expect((await remove(people.partnerAdmin, id, foreign)).status).toBe(404);
    expect((await remove(people.partnerAdmin, own, foreign)).status).toBe(404);
    expect((await remove(people.partnerships, own, foreign)).status).toBe(404);
    expect(await inForce(id)).toHaveLength(2);
  });

  it('that is the last signatory or notice contact stays, once the partner was submitted', async () => {
    for (const { id, contacts } of [await submitted(people), await read(people, story.organisationId)]) {
      for (const last of contacts.filter(({ kind }) => ['signatory', 'notice'].includes(kind))) {
        const { status, body } = await remove(people.partnerships, id, last.id);
        expect([status, body.code]).toEqual([409, 'move_not_allowed']);
        expect(body).toMatchObject({ detail: `This is the last ${last.kind} contact.` });
        const another = { kind: last.kind, name: 'Another', email: `another.${last.kind}@other.example` };
        await add(people.partnerships, id, another);
        expect((await remove(people.partnerships, id, last.id)).status).toBe(200);
        expect(await inForce(id)).toContain(`${last.kind} another.${last.kind}@other.example`);
      }
    }
  });

  it('that is the last of another kind, or of a prospect, may go', async () => {
    const prospectOne = await enter(people);
    for (const { id } of prospectOne.contacts) {
      expect((await remove(people.partnerships, prospectOne.id, id)).status).toBe(200);
    }
    expect(await inForce(prospectOne.id)).toEqual([]);
    const { id } = await submitted(people);
    const { body: contact } = await add(people.partnerships, id, security);
    expect((await remove(people.partnerships, id, contact.id)).status).toBe(200);
  });

  it('of a partner with two of them is removed once where both are removed at once', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { id, contacts } = await submitted(people);
      const { body: another } = await add(people.partnerships, id, { ...notice, email: 'second@other.example' });
      const two = [contacts.find(({ kind }) => kind === 'notice')!.id, another.id];
      const answers = await Promise.all(two.map((one) => remove(people.partnerships, id, one)));
      expect(countStatuses(answers)).toEqual({ 200: 1, 409: 1 });
      expect((await inForce(id)).filter((one) => one.startsWith('notice'))).toHaveLength(1);
    }
  });

  it('removed twice is removed once', async () => {
    const { id } = await submitted(people);
    const { body: contact } = await add(people.partnerships, id, security);
    const answers = await inParallel(4, () => remove(people.partnerships, id, contact.id));
    expect(countStatuses(answers)).toEqual({ 200: 1, 409: 3 });
  });

  it('stands once for a kind: the same address again is told as there, also at once', async () => {
    const { id } = await submitted(people);
    const answers = await inParallel(4, (at) => add(people.partnerships, id, { ...security, name: `Name ${at}` }));
    expect(countStatuses(answers)).toEqual({ 201: 1, 409: 3 });
    const { body } = await add(people.partnerships, id, { ...security, email: 'SECURITY@other.example' });
    expect([body.code, body.pointer]).toEqual(['already_exists', '/email']);
    expect((await add(people.partnerships, id, { ...security, kind: 'billing' })).status).toBe(201);
    const twice = await people.partnerships.post('/v1/partners', prospect([signatory, notice, notice]));
    expect([twice.status, twice.body.pointer]).toEqual([422, '/contacts/2/email']);
  });

  it('may come back after it was removed, as another row', async () => {
    const { id } = await submitted(people);
    const { body: first } = await add(people.partnerships, id, security);
    await remove(people.partnerships, id, first.id);
    const { status, body: again } = await add(people.partnerships, id, security);
    expect(status).toBe(201);
    expect(again.id).not.toBe(first.id);
  });

  it('of a prospect is replaced by a correction, which leaves those alone that stay', async () => {
    const { id, contacts } = await enter(people, [signatory, notice, security]);
    const renamed = { ...notice, name: 'Another Counsel' };
    const facts = prospect([signatory, renamed]);
    const { body } = await people.partnerships.put<Partner>(`/v1/partners/${id}`, facts);
    expect(body.contacts.map(({ kind, name }) => [kind, name])).toEqual([
      ['signatory', signatory.name],
      ['notice', 'Another Counsel'],
    ]);
    expect(body.contacts[0]).toEqual(contacts[0]);
    const all = await list(people.compliance, id);
    expect(all.filter(({ removedAt }) => removedAt).map(({ kind }) => kind)).toEqual(['security', 'notice']);
  });

  it('is one of at most twenty in force', async () => {
    const { id } = await submitted(people);
    const email = (at: number) => `billing.${at}@other.example`;
    const answers = await inParallel(19, (at) => add(people.partnerships, id, { ...security, email: email(at) }));
    expect(countStatuses(answers)).toEqual({ 201: 18, 409: 1 });
    expect(await inForce(id)).toHaveLength(20);
  });

  it('is told in the log by an entry of its own', async () => {
    const { id } = await submitted(people);
    const { body: contact } = await add(people.partnerships, id, security);
    await remove(people.partnerships, id, contact.id);
    const entries = await story.cast.compliance.all<{ action: string; detail: object }>(
      `/v1/audit-entries?subject=${id}`,
    );
    expect(entries.slice(0, 2).map(({ action, detail }) => [action, detail])).toEqual([
      ['partner.contact_removed', { contactId: contact.id, kind: 'security' }],
      ['partner.contact_added', { contactId: contact.id, ...security }],
    ]);
  });
});
