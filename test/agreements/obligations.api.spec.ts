import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Sweeper } from '../../src/agreements/sweep/sweeper.js';
import { models, termsOf } from '../../src/demo/agreement.js';
import { day, hour, second } from '../../src/kernel/clock.js';
import { Terms } from '../../src/terms/terms.js';
import { agreed } from '../setup/agreed.js';
import { Callers, callersOf, countStatuses, enlist, hire, inParallel } from '../setup/caller.js';
import { given, Given } from '../setup/given.js';
import { openStage, Stage } from '../setup/stage.js';

interface Obligation {
  id: string;
  kind: string;
  termId: string;
  versionNumber: number;
  campaignId: string | null;
  discoveredAt: string | null;
  periodStart: string | null;
  periodEnd: string | null;
  dueAt: string;
  ownerId: string | null;
  state: string;
  status: string;
  returnReason: string | null;
  allowedActions: string[];
  submissions: { statement: string; attested: boolean; documentDigest: string | null; link: string | null }[];
  code: string;
  pointer: string;
  expected: string;
}

const owed = (id: string, cadence: Terms['reporting'][number]['cadence'], dueDays: number) => ({
  id,
  cadence,
  dueDays,
  clauseRef: '10',
  heldBy: 'attested' as const,
});

const reporting: Terms['reporting'] = [
  { ...owed('monthly-usage', 'monthly', 10), kind: 'usage_attestation' },
  { ...owed('campaign-results', 'on_campaign_end', 30), kind: 'raw_results' },
  { ...owed('severe-findings', 'on_discovery', 3), kind: 'vulnerability_disclosure' },
  { ...owed('final-report', 'on_term_end', 45), kind: 'final_report' },
];

describe('obligations', () => {
  let stage: Stage;
  let story: Given;
  let people: Callers;
  let organisationId: string;
  let agreementId: string;

  beforeAll(async () => {
    // The first of the month at midnight, so that the first period is a whole one.
    stage = await openStage({ at: new Date('2026-03-01T00:00:00Z') });
    story = await given.activeAgreement(stage);
    ({ organisationId } = story);
  });

  afterAll(() => stage.stop());

  beforeEach(async () => {
    // Everything told before is out of the way of the test, and everybody has just logged in.
    await sweep();
    await sweep();
    people = await callersOf(stage, story.cast);
  });

  const sweep = () => stage.app.get(Sweeper).sweep();
  const agree = async (changes: Partial<Terms> = { reporting }, days = 100) =>
    (agreementId = await agreed({ stage, people, organisationId, days }, changes));
  const relogin = async () => (people = await callersOf(stage, story.cast));
  const list = async (query = '', by = people.compliance) =>
    (await by.get<{ data: Obligation[] }>(`/v1/obligations?limit=200&agreementId=${agreementId}${query}`)).body.data;
  const of = async (termId: string) => (await list()).find((one) => one.termId === termId)!;
  const read = async (id: string) => (await people.compliance.get<Obligation>(`/v1/obligations/${id}`)).body;
  const attest = (id: string, changes: object = {}, by = people.partnerAdmin) =>
    by.post<Obligation>(`/v1/obligations/${id}/submissions`, {
      statement: 'Used for the purposes agreed.',
      attested: true,
      ...changes,
    });
  /** How often each event stands in the log, for the obligations of the agreement at hand. */
  const told = async (event: string) =>
    stage.sql<{ id: string; count: number }>(
      `SELECT o.term_id AS id, count(*)::int AS count FROM audit_entry e JOIN obligation o ON o.id::text = e.subject_id
       WHERE e.action = $1 AND o.agreement_id = $2 GROUP BY o.id, o.term_id, o.due_at ORDER BY o.due_at`,
      [event, agreementId],
    );

  it('are made of the terms when their period begins, by the version in force, with the day they are due', async () => {
    await agree();
    expect(await list()).toEqual([]);
    await sweep();
    const from = stage.clock.now().toISOString();
    expect(await list()).toMatchObject([
      {
        kind: 'usage_attestation',
        termId: 'monthly-usage',
        versionNumber: 1,
        clauseRef: '10',
        periodStart: from,
        periodEnd: '2026-04-01T00:00:00.000Z',
        dueAt: '2026-04-11T00:00:00.000Z',
        state: 'open',
        status: 'open',
        campaignId: null,
        ownerId: null,
      },
    ]);
    await sweep();
    expect(await list()).toHaveLength(1);
    expect(await told('obligation.opened')).toEqual([{ id: 'monthly-usage', count: 1 }]);
  });

  it('missed in a long stop are made by several sweepers at once, each once, without losing a period', async () => {
    await agree();
    const start = stage.clock.now();
    stage.clock.moveTo(new Date('2026-05-15T00:00:00Z'));
    await Promise.all([sweep(), sweep(), sweep(), sweep()]);
    await relogin();
    expect((await list()).map(({ periodStart, periodEnd }) => [periodStart, periodEnd])).toEqual([
      ['2026-05-01T00:00:00.000Z', '2026-06-01T00:00:00.000Z'],
      ['2026-04-01T00:00:00.000Z', '2026-05-01T00:00:00.000Z'],
      [start.toISOString(), '2026-04-01T00:00:00.000Z'],
    ]);
    expect((await told('obligation.opened')).map(({ count }) => count)).toEqual([1, 1, 1]);
    await Promise.all([sweep(), sweep(), sweep(), sweep()]);
    expect((await told('obligation.overdue')).map(({ count }) => count)).toEqual([1, 1]);
    expect(await told('obligation.due_soon')).toEqual([]);
  });

  it('are overdue from the very instant at which they are due, which is told once', async () => {
    await agree();
    await sweep();
    const { id, dueAt } = await of('monthly-usage');
    stage.clock.moveTo(new Date(Date.parse(dueAt) - 1));
    await relogin();
    expect((await read(id)).status).toBe('open');
    expect((await list('&status=open')).map((one) => one.id)).toContain(id);
    expect(await list('&status=overdue')).toEqual([]);
    await sweep();
    expect(await told('obligation.due_soon')).toEqual([{ id: 'monthly-usage', count: 1 }]);
    expect(await told('obligation.overdue')).toEqual([]);
    stage.clock.advance(1);
    expect(await read(id)).toMatchObject({ state: 'open', status: 'overdue' });
    expect((await list('&status=overdue')).map((one) => one.id)).toEqual([id]);
    expect((await list('&status=open')).map((one) => one.id)).not.toContain(id);
    await Promise.all([sweep(), sweep()]);
    await sweep();
    expect(await told('obligation.overdue')).toEqual([{ id: 'monthly-usage', count: 1 }]);
    expect(await told('obligation.due_soon')).toHaveLength(1);
  });

  it('submitted in time are never called due soon or overdue', async () => {
    await agree();
    await sweep();
    const { id, dueAt } = await of('monthly-usage');
    expect((await attest(id)).body).toMatchObject({ state: 'submitted', status: 'submitted' });
    stage.clock.moveTo(new Date(Date.parse(dueAt) - 7 * day));
    await sweep();
    stage.clock.moveTo(new Date(Date.parse(dueAt) + day));
    await sweep();
    expect([...(await told('obligation.due_soon')), ...(await told('obligation.overdue'))]).toEqual([]);
  });

  it('that are attestations take the express statement that it is true', async () => {
    await agree();
    await sweep();
    const { id } = await of('monthly-usage');
    for (const attested of [undefined, false]) {
      expect(await attest(id, { attested })).toMatchObject({ status: 422, body: { pointer: '/attested' } });
    }
    expect(await attest(id, { link: 'http://rival.example/a' })).toMatchObject({ body: { pointer: '/link' } });
    expect(await attest(id, { documentDigest: 'sha-256:0' })).toMatchObject({ body: { pointer: '/documentDigest' } });
    expect((await read(id)).submissions).toEqual([]);
    expect((await attest(id)).status).toBe(201);
  });

  it('returned are open again and due when they were; what replaces a submission stands beside it', async () => {
    await agree();
    await sweep();
    const { id, dueAt } = await of('monthly-usage');
    const at = `/v1/obligations/${id}`;
    const documentDigest = `sha-256:${'a'.repeat(64)}`;
    const link = 'https://rival.example/report';
    expect((await people.compliance.post(`${at}/acceptance`)).status).toBe(409);
    await attest(id, { documentDigest, link });
    expect((await attest(id)).status).toBe(409);
    expect((await people.compliance.post(`${at}/return`, {})).status).toBe(422);
    const reason = 'The March figures are missing.';
    expect((await people.compliance.post(`${at}/return`, { reason })).body).toMatchObject({
      state: 'open',
      returnReason: reason,
      dueAt,
    });
    await attest(id, { statement: 'With the March figures.' });
    expect((await people.partnerships.post(`${at}/acceptance`)).body).toMatchObject({ state: 'accepted' });
    expect((await read(id)).submissions).toMatchObject([
      { statement: 'Used for the purposes agreed.', attested: true, documentDigest, link },
      { statement: 'With the March figures.', attested: true, documentDigest: null, link: null },
    ]);
    for (const noun of ['submissions', 'return', 'waiver', 'waiver-confirmation', 'acceptance']) {
      const by =
        { submissions: people.partnerAdmin, 'waiver-confirmation': people.approver }[noun] ?? people.compliance;
      const body = noun === 'submissions' ? { statement: 'A', attested: true } : { reason: 'A' };
      expect((await by.post(`${at}/${noun}`, body)).status, noun).toBe(409);
    }
    expect((await list('&status=accepted')).map((one) => one.id)).toEqual([id]);
  });

  it('are submitted once, however many submit at once', async () => {
    await agree();
    await sweep();
    const { id } = await of('monthly-usage');
    expect(countStatuses(await inParallel(5, () => attest(id)))).toEqual({ 201: 1, 409: 4 });
    expect((await read(id)).submissions).toHaveLength(1);
  });

  it('are submitted by a researcher who owns them, and by no other', async () => {
    await agree();
    await sweep();
    const { id } = await of('monthly-usage');
    const place = { stage, organisationId };
    const colleague = await enlist(people.partnerAdmin, place, `Colleague ${stage.clock.now().getTime()}`, [
      'researcher',
    ]);
    const ownerId = String((await colleague.get('/v1/me')).body.id);
    expect(await attest(id, {}, colleague)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    const mine = (await colleague.get<Obligation>(`/v1/obligations/${id}`)).body;
    expect(mine.allowedActions).toEqual([]);
    const path = `/v1/obligations/${id}/owner`;
    const staff = String((await people.compliance.get('/v1/me')).body.id);
    expect(await people.partnerAdmin.put(path, { ownerId: staff })).toMatchObject({
      status: 422,
      body: { pointer: '/ownerId' },
    });
    expect((await people.partnerSignatory.put(path, { ownerId })).status).toBe(403);
    expect((await people.partnerAdmin.put(path, { ownerId })).body).toMatchObject({ ownerId, state: 'open' });
    expect((await attest(id, {}, people.researcher)).status).toBe(403);
    expect((await colleague.get<Obligation>(`/v1/obligations/${id}`)).body.allowedActions).toEqual(['submit']);
    expect((await attest(id, {}, colleague)).status).toBe(201);
    expect((await people.partnerAdmin.put(path, { ownerId })).status).toBe(409);
  });

  it('are waived by two people of the lab, and by nobody alone', async () => {
    await agree();
    await sweep();
    const { id } = await of('monthly-usage');
    const name = `Both ${stage.clock.now().getTime()}`;
    const both = await hire(stage, people.admin, name, ['partnerships', 'approver']);
    const [at, reason] = [`/v1/obligations/${id}`, { reason: 'The model was withdrawn.' }];
    const confirm = (by = people.approver) => by.post<Obligation>(`${at}/waiver-confirmation`);
    expect(await confirm()).toMatchObject({ status: 409, body: { code: 'move_not_allowed' } });
    expect((await people.partnerAdmin.post(`${at}/waiver`, reason)).status).toBe(403);
    expect((await both.post(`${at}/waiver`, reason)).body).toMatchObject({ state: 'open' });
    expect((await people.compliance.post(`${at}/waiver`, reason)).status).toBe(409);
    expect(await confirm(both)).toMatchObject({ status: 403, body: { code: 'separation_of_duties' } });
    await attest(id);
    expect((await confirm()).body).toMatchObject({ state: 'waived', status: 'waived' });
    expect((await list('&status=waived')).map((one) => one.id)).toEqual([id]);
    expect((await attest(id)).status).toBe(409);
  });

  it('of a campaign are made when it is completed, once', async () => {
    await agree();
    const campaign = {
      title: 'A campaign',
      purpose: 'robustness.jailbreak',
      models: [models.code],
      evaluationSets: [],
      startsAt: stage.clock.now().toISOString(),
      endsAt: new Date(stage.clock.now().getTime() + day).toISOString(),
      expectedRequests: 1,
      leadId: String((await people.researcher.get('/v1/me')).body.id),
    };
    const made = await people.partnerAdmin.post<Obligation>(`/v1/agreements/${agreementId}/campaigns`, campaign);
    const at = `/v1/campaigns/${made.body.id}`;
    await people.partnerships.post(`${at}/approval`);
    await people.partnerships.post(`${at}/activation`);
    expect(await list()).toEqual([]);
    stage.clock.advance(hour);
    await relogin();
    const completions = await inParallel(3, () => people.partnerships.post(`${at}/completion`));
    expect(countStatuses(completions)).toEqual({ 201: 1, 409: 2 });
    expect(await list()).toMatchObject([
      {
        kind: 'raw_results',
        campaignId: made.body.id,
        dueAt: new Date(stage.clock.now().getTime() + 30 * day).toISOString(),
        state: 'open',
      },
    ]);
    expect(await told('obligation.opened')).toEqual([{ id: 'campaign-results', count: 1 }]);
  });

  it('of a discovery are due so many days after it, and belong to who told of it', async () => {
    await agree();
    stage.clock.advance(10 * day);
    await relogin();
    const path = `/v1/agreements/${agreementId}/disclosures`;
    const ago = (milliseconds: number) => new Date(stage.clock.now().getTime() - milliseconds).toISOString();
    const disclose = (body: object, by = people.researcher) => by.post<Obligation>(path, body);
    expect(await disclose({ discoveredAt: ago(-second) })).toMatchObject({ body: { pointer: '/discoveredAt' } });
    expect(await disclose({ discoveredAt: ago(11 * day) })).toMatchObject({
      status: 422,
      body: { code: 'outside_agreement', pointer: '/discoveredAt' },
    });
    expect(await disclose({ discoveredAt: ago(0), termId: 'monthly-usage' })).toMatchObject({
      status: 422,
      body: { pointer: '/termId', expected: 'one of: severe-findings' },
    });
    const made = await disclose({ discoveredAt: ago(day) });
    expect(made).toMatchObject({ status: 201, body: { kind: 'vulnerability_disclosure', dueAt: ago(-2 * day) } });
    expect(made.body.ownerId).toBe((await people.researcher.get('/v1/me')).body.id);
    expect((await disclose({ discoveredAt: ago(day) })).status).toBe(201);
    expect((await disclose({ discoveredAt: ago(4 * day) })).body).toMatchObject({ status: 'overdue' });
    expect((await disclose({ discoveredAt: ago(day) }, people.compliance)).status).toBe(403);
    expect((await attest(made.body.id, { attested: undefined }, people.researcher)).status).toBe(201);
    await sweep();
    expect(await told('obligation.due_soon')).toEqual([]);
  });

  it('of a discovery are none where the terms ask for none', async () => {
    await agree({ reporting: reporting.filter(({ cadence }) => cadence !== 'on_discovery') });
    const body = { discoveredAt: stage.clock.now().toISOString() };
    const answer = await people.partnerAdmin.post(`/v1/agreements/${agreementId}/disclosures`, body);
    expect(answer).toMatchObject({ status: 422, body: { code: 'outside_agreement' } });
  });

  it('of the end are made when the term is over: the final report, and the certificate of deletion', async () => {
    const { data } = termsOf(stage.clock.now(), stage.clock.now(), 1);
    const evaluatorRetention = { days: 30, deletionCertificate: true, deletionDueDays: 10 };
    await agree({ reporting, data: { ...data, evaluatorRetention } }, 5);
    const until = stage.clock.now().getTime() + 5 * day;
    stage.clock.moveTo(new Date(until - 1));
    await sweep();
    await relogin();
    expect((await list()).map(({ termId }) => termId)).not.toContain('final-report');
    stage.clock.advance(1);
    await Promise.all([sweep(), sweep()]);
    expect(await of('final-report')).toMatchObject({ dueAt: new Date(until + 45 * day).toISOString() });
    const certificate = await of('deletion-certificate');
    expect(certificate).toMatchObject({
      kind: 'deletion_certificate',
      dueAt: new Date(until + 40 * day).toISOString(),
    });
    expect((await attest(certificate.id, { attested: undefined })).body).toMatchObject({ pointer: '/attested' });
    expect((await attest(certificate.id)).status).toBe(201);
    expect((await told('obligation.opened')).map(({ count }) => count)).toEqual([1, 1, 1]);
  });

  it('cannot be made twice for one period, or one end, whoever tries', async () => {
    await agree({ reporting }, 2);
    await sweep();
    stage.clock.advance(2 * day);
    await sweep();
    await relogin();
    const made = await list();
    expect(made.map(({ termId }) => termId).toSorted()).toEqual([
      'deletion-certificate',
      'final-report',
      'monthly-usage',
    ]);
    for (const { id, termId } of made) {
      const again = `INSERT INTO obligation SELECT (jsonb_populate_record(o, jsonb_build_object('id', gen_random_uuid(),
        'made_at', now(), 'due_at', now()))).* FROM obligation o WHERE id = $1`;
      const constraint = termId === 'monthly-usage' ? 'uq_obligation_period' : 'uq_obligation_end';
      await expect(stage.sql(again, [id])).rejects.toMatchObject({ constraint });
    }
  });

  it('bind the partner until each is accepted or waived, as agreements do until they end', async () => {
    interface Tied {
      ties: { kind: string; id: string; detail: string }[];
    }
    const ties = async (id: string) =>
      (await people.approver.get<Tied>(`/v1/partners/${organisationId}/ties`)).body.ties.filter((tie) => tie.id === id);
    await agree({ reporting }, 5);
    await sweep();
    const { id } = await of('monthly-usage');
    expect(await ties(agreementId)).toMatchObject([{ kind: 'agreement' }]);
    expect(await ties(id)).toMatchObject([{ kind: 'obligation' }]);
    await attest(id);
    stage.clock.advance(5 * day);
    await relogin();
    expect(await ties(agreementId)).toEqual([]);
    expect(await ties(id)).toMatchObject([{ kind: 'obligation' }]);
    await people.compliance.post(`/v1/obligations/${id}/acceptance`);
    expect(await ties(id)).toEqual([]);
  });

  it('of the end are made at the real one where the agreement is terminated', async () => {
    await agree();
    await sweep();
    stage.clock.advance(day);
    await relogin();
    const ended = stage.clock.now().getTime();
    const proposal = { kind: 'mutual', reason: 'Both agree.' };
    const at = `/v1/agreements/${agreementId}/terminations`;
    const { body } = await people.partnerSignatory.post<Obligation>(at, proposal);
    expect((await people.labSignatory.post(`/v1/terminations/${body.id}/confirmation`)).status).toBe(201);
    await sweep();
    expect(await of('final-report')).toMatchObject({ dueAt: new Date(ended + 45 * day).toISOString() });
    stage.clock.advance(100 * day);
    await sweep();
    await relogin();
    const periods = (await list()).filter(({ termId }) => termId === 'monthly-usage');
    expect(periods).toHaveLength(1);
  });
});
