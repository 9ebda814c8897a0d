import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyEvidence } from '../../src/agreements/signing/verify-evidence.js';
import { day, minute } from '../../src/kernel/clock.js';
import { digestOf } from '../../src/kernel/digests.js';
import { cli } from '../setup/built.js';
import { done, post, recruit } from '../setup/desk.js';
import { given, Given } from '../setup/given.js';
import { activeSigner, ActiveSigner, byKey } from '../setup/signing-by-key.js';
import { openStage, Stage, testSealer } from '../setup/stage.js';
import { Draft, draftFor, limitedTo, TextAtWork } from '../setup/text-at-work.js';

let stage: Stage;
let story: Given;
let signer: ActiveSigner;
let directory: string;
const built = new Map<Kind, Promise<Buffer>>();

/** A short text: the time to try every byte of a bundle grows with the square of its length. */
function draft(): Draft {
  const { terms, prose } = draftFor(story, 200);
  const short = {
    ...terms,
    cure: { ...terms.cure, protectiveAmendments: true },
    prohibitedUses: terms.prohibitedUses.filter(({ code }) => code === 'model_training'),
    scope: { ...terms.scope, models: terms.scope.models.filter(({ modelId }) => modelId === 'atlas-2-code') },
    quotas: terms.quotas.filter(({ id }) => id === 'code-requests-daily'),
    reporting: [],
  };
  return { terms: short, prose: prose.map(({ clauseId }) => ({ clauseId, heading: 'H', text: 'T' })) };
}

const inADay = () => new Date(stage.clock.now().getTime() + day);

beforeAll(async () => {
  cli();
  directory = mkdtempSync(join(tmpdir(), 'parley-evidence-'));
  stage = await openStage();
  story = await given.activeAgreement(stage);
  signer = await activeSigner(story.cast, story.organisationId);
});

afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  await stage.stop();
});

const kinds = {
  'signed by key': signedByKey,
  administrative,
  protective,
  'approved for another and opened again': delegatedAndReopened,
};
type Kind = keyof typeof kinds;

/** The bundle of a kind, made once. */
function bundleOf(kind: Kind): Promise<Buffer> {
  const bundle = built.get(kind) ?? kinds[kind]();
  built.set(kind, bundle);
  return bundle;
}

async function signedByKey(): Promise<Buffer> {
  const text = await (await TextAtWork.agreement(story, draft())).released();
  const document = await story.cast.partnerSignatory.download(`${text.path}/revisions/1/canonical`);
  done(await text.sign(byKey(signer, signer.keyId, document)));
  done(await text.countersign());
  return text.evidence();
}

async function administrative(): Promise<Buffer> {
  const base = draft();
  const agreement = await (await TextAtWork.agreement(story, base)).executed();
  const addresses = [...base.terms.notices.addresses, { party: 'evaluator' as const, email: 'more@rival.example' }];
  const changed = { ...base, terms: { ...base.terms, notices: { ...base.terms.notices, addresses } } };
  const change = { kind: 'administrative', effectiveFrom: inADay() } as const;
  const amendment = await TextAtWork.amendment(story, agreement.id, changed, change);
  done(await amendment.give(story.cast.partnerships, 'submission'));
  done(await amendment.approve());
  done(await amendment.give(story.cast.partnerAdmin, 'acknowledgement', { digest: amendment.digest }));
  return amendment.evidence();
}

async function protective(): Promise<Buffer> {
  const base = draft();
  const agreement = await (await TextAtWork.agreement(story, base)).executed();
  const notice = { kind: 'breach', clauseRef: '3', body: 'On 3 March, benchmarks were run.' };
  done(await post(stage, story.cast.compliance, `${agreement.path}/notices`, notice));
  const change = { kind: 'protective', effectiveFrom: inADay() } as const;
  const changed = { ...base, terms: limitedTo(1)(base.terms) };
  const amendment = await TextAtWork.amendment(story, agreement.id, changed, change);
  done(await amendment.give(story.cast.partnerships, 'submission'));
  done(await amendment.approve());
  done(await amendment.countersign());
  return amendment.evidence();
}

async function delegatedAndReopened(): Promise<Buffer> {
  const deputy = await recruit(story, 'Dora Deputy', ['compliance']);
  const { id: delegateId } = await deputy.get<{ id: string }>('/v1/me');
  const window = { from: stage.clock.now().toISOString(), until: inADay().toISOString() };
  const body = { delegateId, stage: 'approver', ...window, reason: 'Annual leave' };
  done(await post(stage, story.cast.approver, '/v1/approval-delegations', body));
  const text = await (await TextAtWork.agreement(story, draft())).released();
  done(await text.sign());
  done(await text.give(story.cast.partnerships, 'reopening', { reason: 'One word more.' }));
  done(await text.counter(story.cast.partnerships, draft()));
  done(await text.accept(story.cast.partnerAdmin));
  stage.clock.advance(minute);
  done(await text.approve(deputy));
  await text.signedByBoth();
  return text.evidence();
}

const faultsOf = (file: Buffer) => verifyEvidence(file).findings.filter(({ holds }) => !holds);

/** A bundle that its own sealer sealed again after changing it: what even the lab cannot pass off. */
async function sealedAgain(kind: Kind, change: (bundle: Record<string, never>) => void): Promise<Buffer> {
  const { seal: _, ...bundle } = JSON.parse((await bundleOf(kind)).toString()) as Record<string, never>;
  change(bundle);
  return testSealer.seal(bundle);
}

// `acknowledge` saves an object that is no entity, so that every acknowledgement is a fault of ours (500).
const testOf = (kind: Kind) => (kind === 'administrative' ? it : it);

describe.each(Object.keys(kinds) as Kind[])('the evidence of a version that is %s', (kind) => {
  testOf(kind)('verifies offline', async () => {
    expect(faultsOf(await bundleOf(kind))).toEqual([]);
  });

  testOf(kind)('is never whole with any one byte of it changed', { timeout: 120_000 }, async () => {
    const bytes = await bundleOf(kind);
    const changed = Buffer.from(bytes);
    const whole: number[] = [];
    for (let index = 0; index < bytes.length; index += 1) {
      changed[index] = bytes[index]! ^ 1;
      if (faultsOf(changed).length === 0) whole.push(index);
      changed[index] = bytes[index]!;
    }
    expect(whole).toEqual([]);
  });

  testOf(kind)('says what it is: who signed of which party, and how', async () => {
    const { signatures, version } = JSON.parse((await bundleOf(kind)).toString()) as {
      signatures: { party: string; method: string }[];
      version: { kind: string; number: number };
    };
    const expected: Record<Kind, string[]> = {
      'signed by key': ['original 1', 'evaluator ed25519_jws', 'provider typed_name'],
      administrative: ['administrative 2', 'evaluator acknowledgement'],
      protective: ['protective 2', 'provider typed_name'],
      'approved for another and opened again': ['original 1', 'evaluator typed_name', 'provider typed_name'],
    };
    const said = signatures.map(({ party, method }) => `${party} ${method}`);
    expect([`${version.kind} ${version.number}`, ...said]).toEqual(expected[kind]);
  });
});

describe('evidence that was sealed again', () => {
  it('with another text is not that of a signature by key, even where the digests were made to fit', async () => {
    const forged = await sealedAgain('signed by key', (bundle: Record<string, unknown>) => {
      const document = (bundle.document as string).replace('"limit":10', '"limit":99');
      const digest = digestOf(document);
      const renamed = (rows: unknown) => (rows as object[]).map((row) => ({ ...row, digest }));
      const [approvals, signatures] = [renamed(bundle.approvals), renamed(bundle.signatures)];
      Object.assign(bundle, { document, digest, approvals, signatures });
    });
    const says = `The evaluator’s signature by key ${signer.keyId} is over the document’s very bytes.`;
    expect(faultsOf(forged)).toEqual([{ says, holds: false }]);
  });

  it('with other words in its prose is told by the digests of the document', async () => {
    const forged = await sealedAgain('protective', (bundle: Record<string, unknown>) => {
      (bundle.prose as { text: string }[])[0]!.text = 'U';
    });
    expect(faultsOf(forged).map(({ says }) => says)).toEqual([
      'The prose is, clause for clause, the text that the document names.',
    ]);
  });

  it('with an approval under a delegation that did not hold then is told', async () => {
    const forged = await sealedAgain('approved for another and opened again', (bundle: Record<string, unknown>) => {
      const [delegation] = bundle.delegations as { until: string; from: string }[];
      delegation!.until = delegation!.from;
    });
    expect(faultsOf(forged).map(({ says }) => says)).toEqual([
      'Whoever approved for another person had that stage delegated to them at that time.',
    ]);
  });

  it('as another kind of version, or as another number, is told', async () => {
    const material = await sealedAgain('protective', (bundle: Record<string, { kind?: string }>) => {
      bundle.version!.kind = 'material';
    });
    expect(faultsOf(material)).toHaveLength(1);
    const third = await sealedAgain('protective', (bundle: Record<string, { number?: number }>) => {
      bundle.version!.number = 3;
    });
    expect(faultsOf(third)).toHaveLength(1);
  });
});

describe('parley verify evidence', () => {
  function verify(bytes: Buffer) {
    const file = join(directory, 'bundle.json');
    writeFileSync(file, bytes);
    const { status, stdout } = spawnSync(process.execPath, [cli(), 'verify', 'evidence', file], { encoding: 'utf8' });
    return { status, lines: stdout.split('\n').map((line) => line.trim()) };
  }

  it('says in words what it checked of a signature by key, and what no file can show', async () => {
    const { status, lines } = verify(await bundleOf('signed by key'));
    expect(status).toBe(0);
    expect(lines).toEqual(
      expect.arrayContaining([
        'yes  The digest is that of the signed document.',
        `yes  The evaluator’s signature by key ${signer.keyId} is over the document’s very bytes.`,
        '?    That the sealing key is the lab’s: compare its id with what the lab published.',
        '?    That the signing key is the evaluator’s: compare its id with what the evaluator says it registered.',
        `Sealed with key ${testSealer.keyId}.`,
      ]),
    );
  });

  it('says in words who stood in for whom, and what was voided', async () => {
    const { status, lines } = verify(await bundleOf('approved for another and opened again'));
    expect(status).toBe(0);
    const said = lines.join('\n');
    expect(said).toContain('yes  Whoever approved for another person had that stage delegated to them at that time.');
    expect(said).toContain(
      '?    Why the text was opened again: 1 earlier signature(s) were voided, and are in the bundle.',
    );
  });

  it('says which check failed, and that the file is not to be trusted', async () => {
    const forged = await sealedAgain('protective', (bundle: Record<string, unknown>) => {
      bundle.digest = digestOf('another text');
    });
    const { status, lines } = verify(forged);
    expect(status).toBe(1);
    expect(lines).toContain('NO   The digest is that of the signed document.');
    expect(lines.join('\n')).toContain('is NOT to be trusted.');
  });
});
