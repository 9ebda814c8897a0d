import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vectors } from '../kernel/vectors.js';
import { Caller, callerOf } from '../setup/caller.js';
import { given, Given } from '../setup/given.js';
import { newSigner } from '../setup/signing-keys.js';
import { openStage, Stage } from '../setup/stage.js';

const cctv = vectors('cctv-ed25519');

interface Vector {
  key: string;
  flags: string[] | null;
}

function read(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path, cctv.url), 'utf8'));
}

describe('a public key for which anybody could sign', () => {
  let stage: Stage;
  let story: Given;
  let signatory: Caller;

  beforeAll(async () => {
    stage = await openStage();
    story = await given.activeAgreement(stage);
    signatory = await callerOf(stage, story.cast.partnerSignatory.email);
  });

  afterAll(() => stage.stop());

  const register = (hex: string) =>
    signatory.post<{ code: string; pointer: string; errors: object[] }>(
      `/v1/partners/${story.organisationId}/signing-keys`,
      { label: 'Weak', publicKey: Buffer.from(hex, 'hex').toString('base64url') },
    );

  async function expectRefused(hex: string): Promise<void> {
    const { status, body } = await register(hex);
    expect([status, body.code, body.pointer], hex).toEqual([422, 'invalid_request', '/publicKey']);
    expect(body.errors, hex).toMatchObject([{ pointer: '/publicKey', code: 'field.wrong' }]);
  }

  it.skipIf(cctv.absent)(`is refused in each of its fourteen spellings${cctv.note}`, async () => {
    const { keys } = read('low-order-public-keys.json') as { keys: string[] };
    expect(keys).toHaveLength(14);
    for (const key of keys) await expectRefused(key);
  });

  it.skipIf(cctv.absent)(`is refused wherever the edge cases of CCTV have one${cctv.note}`, async () => {
    const cases = read('ed25519/ed25519vectors.json') as Vector[];
    const weak = cases.filter(({ flags }) => flags?.some((flag) => ['low_order_A', 'non_canonical_A'].includes(flag)));
    const keys = new Set(weak.map(({ key }) => key));
    expect(keys.size).toBeGreaterThan(10);
    for (const key of keys) await expectRefused(key);
  });

  it('is kept by nothing, and one of the ordinary kind is', async () => {
    const stored = () => stage.sql('SELECT id FROM partner_signing_key');
    expect(await stored()).toEqual([]);
    const ordinary = Buffer.from(newSigner().publicKey, 'base64url').toString('hex');
    expect((await register(ordinary)).status).toBe(201);
    expect(await stored()).toHaveLength(1);
  });
});
