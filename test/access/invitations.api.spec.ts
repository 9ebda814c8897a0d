import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FirstStart } from '../../src/access/first-start.js';
import { day } from '../../src/kernel/clock.js';
import { Caller, callerOf, countStatuses, inParallel, joinWith, password } from '../setup/caller.js';
import { ask, given, Given } from '../setup/given.js';
import { openStage, Stage } from '../setup/stage.js';

const accept = (stage: Stage, token: string, more: object = {}) =>
  ask(`${stage.apiUrl}/v1/invitations/accept`, {
    body: { token, name: 'Somebody', password, ...more },
  });

describe('the first start', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage();
  });

  afterAll(() => stage.stop());

  it('invites one administrator; a later start voids the invitation of an earlier one', async () => {
    const again = (await stage.app.get(FirstStart).invite())!;
    expect(again).not.toBe(stage.invitation);
    expect((await accept(stage, stage.invitation, { email: 'a@lab.example' })).status).toBe(410);
    const raced = await inParallel(5, () => stage.app.get(FirstStart).invite());
    const open = await stage.sql('SELECT id FROM invitation WHERE closed_at IS NULL');
    expect(open).toHaveLength(1);
    const answers = await Promise.all(
      [again, ...raced].map((token, at) => accept(stage, token!, { email: `a${at}@lab.example` })),
    );
    expect(countStatuses(answers)).toEqual({ 201: 1, 410: 5 });
    const users = await stage.sql<{ roles: string[] }>('SELECT roles FROM user_account');
    expect(users).toEqual([{ roles: ['admin'] }]);
  });

  it('invites nobody once somebody has an account', async () => {
    expect(await stage.app.get(FirstStart).invite()).toBeNull();
    expect(await inParallel(3, () => stage.app.get(FirstStart).invite())).toEqual([null, null, null]);
  });

  it('keeps no invitation that could be read back', async () => {
    const stored = JSON.stringify([
      await stage.sql('SELECT * FROM invitation'),
      await stage.sql('SELECT * FROM audit_detail'),
    ]);
    expect(stored).not.toContain(stage.invitation);
  });
});

describe('an invitation', () => {
  let stage: Stage;
  let story: Given;
  let admin: Caller;
  let partnerships: Caller;
  let partnerAdmin: Caller;
  let organisationId: string;

  beforeAll(async () => {
    stage = await openStage();
    story = await given.activeAgreement(stage);
    await logInAgain();
    organisationId = String((await partnerAdmin.get('/v1/me')).body.organisationId);
  });

  afterAll(() => stage.stop());

  async function logInAgain() {
    admin = await callerOf(stage, story.cast.admin.email);
    partnerships = await callerOf(stage, story.cast.partnerships.email);
    partnerAdmin = await callerOf(stage, story.cast.partnerAdmin.email);
  }

  const invite = async (email: string, roles = ['compliance']) =>
    String((await admin.post('/v1/invitations', { email, roles })).body.token);
  const inviteMember = (by: Caller, email: string, roles = ['researcher']) =>
    by.post(`/v1/partners/${organisationId}/invitations`, { email, roles });

  it('opens one account with its address and its roles, whatever the guest would rather have', async () => {
    const token = await invite('guest@lab.example');
    const { status, body } = await accept(stage, token, { email: 'other@lab.example' });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      email: 'guest@lab.example',
      roles: ['compliance'],
      side: 'lab',
      organisationId: null,
    });
    expect(JSON.stringify(body)).not.toContain('argon2');
    expect((await accept(stage, token)).status).toBe(410);
  });

  it('accepted many times at once opens one account', async () => {
    const token = await invite('raced@lab.example');
    expect(countStatuses(await inParallel(6, () => accept(stage, token)))).toEqual({ 201: 1, 410: 5 });
    expect(await stage.sql("SELECT id FROM user_account WHERE email = 'raced@lab.example'")).toHaveLength(1);
  });

  it('beside another one to the same address opens one account', async () => {
    const tokens = [await invite('twice@lab.example'), await invite('twice@lab.example')];
    const answers = await Promise.all(tokens.map((token) => accept(stage, token)));
    expect(countStatuses(answers)).toEqual({ 201: 1, 409: 1 });
    const late = await admin.post('/v1/invitations', { email: 'TWICE@lab.example', roles: ['admin'] });
    expect([late.status, late.body.pointer]).toEqual([409, '/email']);
  });

  it('asks for twelve characters of password', async () => {
    const token = await invite('short@lab.example');
    const { status, body } = await accept(stage, token, { password: 'elevenchars' });
    expect([status, body.pointer]).toEqual([422, '/password']);
    expect((await accept(stage, token, { password: 'twelve chars' })).status).toBe(201);
  });

  it('to a partner is for an address at one of its domains', async () => {
    for (const email of [
      'a@lab.example',
      'a@sub.rival.example',
      'a@rival.example.evil.example',
      'a@notrival.example',
    ]) {
      const { status, body } = await inviteMember(partnerships, email);
      expect([status, body.pointer], email).toEqual([422, '/email']);
    }
    expect((await inviteMember(partnerships, 'A@RIVAL.example')).status).toBe(201);
  });

  it('of a partner gives roles of the partner only, in its own organisation', async () => {
    expect((await inviteMember(partnerAdmin, 'b@rival.example', ['admin'])).status).toBe(422);
    const { body } = await inviteMember(partnerAdmin, 'b@rival.example', ['partner_signatory']);
    const member = await joinWith(stage, String(body.token), 'Member');
    expect((await member.get('/v1/me')).body).toMatchObject({
      side: 'partner',
      organisationId,
      roles: ['partner_signatory'],
    });
    const other = {
      legalName: 'Other',
      country: 'FR',
      emailDomains: ['rival.example'],
      competitor: false,
      contacts: [],
    };
    const { body: foreign } = await partnerships.post('/v1/partners', other);
    const path = `/v1/partners/${String(foreign.id)}/invitations`;
    const guest = { email: 'c@rival.example', roles: ['researcher'] };
    expect((await partnerAdmin.post(path, guest)).status).toBe(404);
    expect((await partnerships.post(path, guest)).status).toBe(409);
  });

  it('may be accepted for seven days', async () => {
    const [late, inTime] = [await invite('late@lab.example'), await invite('in.time@lab.example')];
    stage.clock.advance(7 * day - 1);
    expect((await accept(stage, inTime)).status).toBe(201);
    stage.clock.advance(1);
    expect((await accept(stage, late)).status).toBe(410);
    await logInAgain();
  });

  it.each(['', 'x', 'parley_invitation_', `parley_invitation_${'A'.repeat(43)}`])('is not %j', async (token) => {
    expect([410, 422]).toContain((await accept(stage, token)).status);
  });

  it('is shown once: its token is in no list, log or table', async () => {
    const token = await invite('shown@lab.example');
    const lists = [await admin.get('/v1/invitations?limit=200'), await admin.get('/v1/audit-entries?limit=200')];
    const tables = [await stage.sql('SELECT * FROM invitation'), await stage.sql('SELECT * FROM audit_detail')];
    expect(token).toMatch(/^parley_invitation_/);
    expect(JSON.stringify([lists.map(({ body }) => body), tables])).not.toContain(token);
  });
});
