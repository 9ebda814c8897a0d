import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { day } from '../../src/kernel/clock.js';
import { StatementEvent } from '../../src/reconciliation/statement.js';
import { verifyStatement } from '../../src/reconciliation/verify-statement.js';
import { verifyEvidence } from '../../src/agreements/signing/verify-evidence.js';
import { ask, given, Given, question, usageEvent } from '../setup/given.js';
import { openStage, Stage } from '../setup/stage.js';

describe('a rival lab evaluates a model under its first agreement', () => {
  let stage: Stage;
  let story: Given;

  beforeAll(async () => {
    stage = await openStage();
    story = await given.activeAgreement(stage);
  });

  afterAll(() => stage.stop());

  it('both parties hold one sealed bundle of evidence, byte for byte, which verifies offline', async () => {
    const path = `/v1/agreements/${story.agreementId}/evidence`;
    const labs = await story.cast.compliance.download(path);
    const partners = await story.cast.partnerAdmin.download(path);
    expect(labs).toBe(partners);
    expect(verifyEvidence(Buffer.from(labs)).findings.filter(({ holds }) => !holds)).toEqual([]);
  });

  it('the researcher’s key is admitted, its use is reported once though sent twice, and the day closes clean', async () => {
    const key = story.keys[0]!;
    const token = story.gatewayCredential;
    const admitted = await ask(`${stage.gatewayUrl}/v1/authorizations`, { token, body: question(key) });
    expect(admitted.body).toMatchObject({ decision: 'allow', code: 'allowed', key_id: key.publicId });
    const { authorization } = admitted.body;
    const event = usageEvent('1', key, stage.clock.now(), { authorization });
    const report = () => ask(`${stage.apiUrl}/v1/usage-events`, { token, body: [event] });
    expect((await report()).body).toMatchObject({ recorded: 1, duplicates: 0 });
    expect((await report()).body).toMatchObject({ recorded: 0, duplicates: 1 });
    const date = stage.clock.now().toISOString().slice(0, 10);
    stage.clock.advance(day);
    const path = `/v1/agreements/${story.agreementId}/statements`;
    const closed = await story.cast.compliance.post<{ id: string; findings: number }>(path, { kind: 'day', date });
    expect(closed.findings).toBe(0);
    const document = await story.cast.partnerSignatory.download(`/v1/statements/${closed.id}/document`);
    const events = await story.cast.partnerSignatory.download(`/v1/statements/${closed.id}/events`);
    const verdict = await verifyStatement(Buffer.from(document), lines(events));
    expect(verdict.findings.filter(({ holds }) => !holds)).toEqual([]);
  });
});

async function* lines(text: string): AsyncGenerator<StatementEvent> {
  for (const line of text.split('\n').filter(Boolean)) yield JSON.parse(line) as StatementEvent;
}
