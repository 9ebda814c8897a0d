import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Callers, callersOf, countStatuses, inParallel } from '../setup/caller.js';
import { given } from '../setup/given.js';
import { openStage, Stage } from '../setup/stage.js';

const body = (legalName: string) => ({
  legalName,
  country: 'FR',
  emailDomains: ['other.example'],
  competitor: false,
  contacts: [],
});

describe('an ETag', () => {
  let stage: Stage;
  let people: Callers;
  let partner: { path: string; etag: string };
  let names = 0;

  beforeAll(async () => {
    stage = await openStage();
    people = await callersOf(stage, (await given.activeAgreement(stage)).cast);
  });

  afterAll(() => stage.stop());

  async function enter() {
    const { body: entered, headers } = await people.partnerships.post('/v1/partners', body(`Name ${(names += 1)}`));
    partner = { path: `/v1/partners/${String(entered.id)}`, etag: headers.get('etag')! };
  }

  const revise = (ifMatch: string, name = `Name ${(names += 1)}`) =>
    people.partnerships.put(partner.path, body(name), { 'If-Match': ifMatch });

  it('names the version of a thing, the same whether it was just made, changed or read', async () => {
    await enter();
    expect((await people.partnerships.get(partner.path)).headers.get('etag')).toBe(partner.etag);
    const changed = await revise(partner.etag);
    expect(changed.status).toBe(200);
    expect(changed.headers.get('etag')).toBe(`"${String(changed.body.version)}"`);
    expect((await people.partnerships.get(partner.path)).headers.get('etag')).toBe(changed.headers.get('etag'));
    expect(changed.headers.get('etag')).not.toBe(partner.etag);
  });

  it('of before refuses a change with 412, which then changes nothing', async () => {
    await enter();
    await revise(partner.etag);
    const before = await people.partnerships.get(partner.path);
    const late = await revise(partner.etag);
    expect([late.status, late.body.code]).toEqual([412, 'version_mismatch']);
    expect((await people.partnerships.get(partner.path)).body).toEqual(before.body);
  });

  it('lets one of many parallel changes win', async () => {
    for (let round = 0; round < 5; round += 1) {
      await enter();
      const answers = await inParallel(8, () => revise(partner.etag));
      expect(countStatuses(answers)).toEqual({ 200: 1, 412: 7 });
    }
  });

  it('may be left out, or be `*`', async () => {
    await enter();
    expect((await revise('*')).status).toBe(200);
    expect((await people.partnerships.put(partner.path, body(`Name ${(names += 1)}`))).status).toBe(200);
  });

  it('guards commands as well as corrections', async () => {
    const contacts = ['signatory', 'notice'].map((kind) => ({ kind, name: 'Office', email: 'a@other.example' }));
    await enter();
    await people.partnerships.put(partner.path, { ...body(`Name ${(names += 1)}`), contacts });
    const submit = (etag: string) =>
      people.partnerships.post(`${partner.path}/submission`, undefined, { 'If-Match': etag });
    expect((await submit(partner.etag)).status).toBe(412);
    const { headers } = await people.partnerships.get(partner.path);
    expect((await submit(headers.get('etag')!)).status).toBe(201);
  });

  it.each([
    '1',
    '""',
    '"one"',
    'W/"1"',
    '"1", "2"',
    '"-1"',
    '"1e3"',
    '"9999999999999999"',
    "'1'",
    '"1" '.repeat(2),
    '** ',
  ])('is not %s, which is told as 400 and not taken for no condition', async (malformed) => {
    await enter();
    const { status, body: problem } = await revise(malformed);
    expect([status, problem.code]).toEqual([400, 'malformed_header']);
  });
});
