import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Decider } from '../../src/gateway/decider.js';
import { Refusal } from '../../src/kernel/refusal.js';
import { ask, given, Given, question } from '../setup/given.js';
import { openStage, Stage } from '../setup/stage.js';
import { windowsIn } from '../setup/windows.js';

interface Decided {
  decision?: string;
  code: string;
  authorization?: string | null;
}

let stage: Stage;
let story: Given;

beforeAll(async () => {
  stage = await openStage();
  story = await given.activeAgreement(stage, 100);
});

afterAll(() => stage.stop());

function put(body: unknown, token = story.gatewayCredential) {
  return ask<{ answers: Decided[]; errors?: { pointer: string }[] }>(`${stage.gatewayUrl}/v1/authorizations/batch`, {
    token,
    body,
  });
}

const asked = (changes: object = {}) => question(story.keys[0]!, changes);

describe('a batch of questions', () => {
  it('is answered in its order, each question as if it had been asked alone', async () => {
    const answer = await put({
      questions: [asked(), asked({ key: 'no key' }), asked({ endpoint: 'batches' }), asked()],
    });
    expect(answer.status).toBe(200);
    expect(answer.body.answers.map(({ code }) => code)).toEqual([
      'allowed',
      'malformed_key',
      'endpoint_not_in_scope',
      'allowed',
    ]);
    const ids = answer.body.answers.flatMap(({ authorization }) => authorization ?? []);
    expect(new Set(ids).size).toBe(2);
  });

  it('holds at most 256 questions, and what is beyond a quota is refused one by one', async () => {
    const answer = await put({ questions: Array(256).fill(asked()) });
    const codes = answer.body.answers.map(({ code }) => code);
    expect(codes).toHaveLength(256);
    expect(codes.filter((code) => code === 'allowed')).toHaveLength(98);
    expect(codes.slice(98).every((code) => code === 'quota_exhausted')).toBe(true);
    expect((await windowsIn(stage)).find(({ quota }) => quota === 'code-requests-daily')!.leased).toBe(100);
  });

  it('that is malformed is refused whole, with pointers into it', async () => {
    const pointers = async (body: unknown) => {
      const answer = await put(body);
      expect(answer.status).toBe(422);
      return answer.body.errors!.map(({ pointer }) => pointer);
    };
    expect(await pointers({ questions: [asked(), asked({ model: 7 })] })).toEqual(['/questions/1/model']);
    expect(await pointers({ questions: [] })).toEqual(['/questions']);
    expect(await pointers({ questions: Array(257).fill(asked()) })).toEqual(['/questions']);
    expect(await pointers({ questions: [asked()], more: 1 })).toEqual(['/more']);
    expect(await pointers(null)).toEqual(['/questions']);
    expect(await pointers([asked()])).toEqual(['/0']);
    expect(await pointers({ questions: Array(256).fill(7) })).toHaveLength(100);
  });

  it('is for gateways alone', async () => {
    expect((await put({ questions: [asked()] }, `parley_gateway_${'a'.repeat(43)}`)).status).toBe(401);
    expect((await put({ questions: [asked()] }, '')).status).toBe(401);
  });

  it('answers a question that could not be decided with its problem, and keeps the decisions beside it', async () => {
    const decider = stage.app.get(Decider);
    const real = decider.decide.bind(decider);
    const busy = new Refusal('temporary_reduced_capacity', undefined, { retryAfterSeconds: 1 });
    const turnAway = (model: string) => {
      decider.decide = (one) => (one.request.run === model ? Promise.reject(busy) : real(one));
    };
    try {
      turnAway('second');
      const { body } = await put({ questions: [asked({ run: 'first' }), asked({ run: 'second' })] });
      expect(body.answers[0]!.decision).toBe('deny');
      expect(body.answers[1]).toMatchObject({ status: 503, code: 'temporary_reduced_capacity' });
      expect(body.answers[1]!.decision).toBeUndefined();
      const whole = await put({ questions: [asked({ run: 'second' })] });
      expect(whole.status).toBe(503);
      expect(Number(whole.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    } finally {
      decider.decide = real;
    }
  });
});
