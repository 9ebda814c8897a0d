import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Caller, Callers, callersOf } from '../setup/caller.js';
import { given, Given } from '../setup/given.js';
import { Partner, read, submitted } from '../setup/partners.js';
import { openStage, Stage } from '../setup/stage.js';

describe('the networks of a partner', () => {
  let stage: Stage;
  let story: Given;
  let people: Callers;

  beforeAll(async () => {
    stage = await openStage();
    story = await given.activeAgreement(stage);
    people = await callersOf(stage, story.cast);
  });

  afterAll(() => stage.stop());

  const set = (by: Caller, cidrs: unknown, id = story.organisationId) =>
    by.put<Partner>(`/v1/partners/${id}/networks`, { cidrs });

  it('are none until it tells them, and then what it told last', async () => {
    expect((await read(people, story.organisationId)).networks).toEqual([]);
    const first = ['198.51.100.0/24', '2001:db8:1::/48'];
    expect((await set(people.partnerAdmin, first)).body.networks).toEqual(first);
    expect((await read(people, story.organisationId)).networks).toEqual(first);
    expect((await set(people.partnerships, ['203.0.113.7/32'])).body.networks).toEqual(['203.0.113.7/32']);
    expect((await set(people.partnerAdmin, [])).body.networks).toEqual([]);
  });

  it('are told by its admin, for no other organisation, and by no other member', async () => {
    const { id } = await submitted(people);
    expect((await set(people.partnerAdmin, [], id)).status).toBe(404);
    for (const by of [people.researcher, people.partnerSignatory, people.compliance, people.approver]) {
      expect((await set(by, [])).status).toBe(403);
    }
  });

  it.each([
    ['10.0.0.5/8', 'host bits'],
    ['10.0.0.0', 'no length'],
    ['0.0.0.0/0', 'everything'],
    ['::/0', 'everything'],
    ['010.0.0.0/8', 'octal'],
    ['::ffff:10.0.0.0/104', 'IPv4 in IPv6'],
    ['10.0.0.0/33', 'too long'],
    ['any', 'a word'],
    ['10.0.0.0/8 ', 'a space'],
  ])('are not %s (%s), which is told by its place', async (wrong) => {
    await set(people.partnerAdmin, ['198.51.100.0/24']);
    const { status, body } = await set(people.partnerAdmin, ['192.0.2.0/24', wrong]);
    expect([status, body.code]).toEqual([422, 'invalid_request']);
    expect(body).toMatchObject({ pointer: '/cidrs/1', errors: [{ pointer: '/cidrs/1', code: 'field.wrong' }] });
    expect((await read(people, story.organisationId)).networks).toEqual(['198.51.100.0/24']);
  });

  it.each([
    [null],
    ['10.0.0.0/8'],
    [['10.0.0.0/8', '10.0.0.0/8']],
    [[8]],
    [Array.from({ length: 101 }, (_, at) => `10.0.${at}.0/24`)],
  ])('are a list of at most a hundred different texts: not %j', async (wrong) => {
    const { status, body } = await set(people.partnerAdmin, wrong);
    expect(status).toBe(422);
    expect(body).toMatchObject({ pointer: '/cidrs' });
  });

  it('are told in the log', async () => {
    await set(people.partnerAdmin, ['192.0.2.0/24']);
    const [entry] = await story.cast.compliance.all(`/v1/audit-entries?subject=${story.organisationId}`);
    expect(entry).toMatchObject({ action: 'partner.networks_set', detail: { cidrs: ['192.0.2.0/24'] } });
  });
});
