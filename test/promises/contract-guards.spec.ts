import { setTimeout } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applicationRole } from '../../src/data-source.js';
import { furnish } from '../setup/contract-life.js';
import { given } from '../setup/given.js';
import * as guards from '../setup/guards.js';
import {
  agreement,
  lateId,
  amendment,
  approval,
  evidence,
  insert,
  Paper,
  revision,
  signature,
  version,
} from '../setup/guards.js';
import { proveSigningKey } from '../setup/signing-keys.js';
import { openStage, Stage } from '../setup/stage.js';

/**
 * What the database itself refuses of the life of a contract, whatever the program believes. Each refusal is told by
 * the constraint that gives it, and what it refuses differs from what it lets pass in the one thing that is wrong.
 */
let stage: Stage;
let application: Client;

beforeAll(async () => {
  stage = await openStage();
  const story = await given.activeAgreement(stage);
  await proveSigningKey(story.cast.partnerAdmin, story.organisationId);
  await furnish(story);
  application = await connectAsApplication();
});

afterAll(async () => {
  await application.end();
  await stage.stop();
});

async function connectAsApplication(): Promise<Client> {
  const client = new Client({ connectionString: stage.ownerUrl });
  await client.connect();
  await client.query(`SET ROLE ${applicationRole}`);
  return client;
}

/** Statements of the application in one transaction, with an audit entry. */
const attempt = (...statements: string[]) => guards.attemptAs(application, ...statements);

describe('an approval', () => {
  const texts: [name: string, make: () => Paper][] = [
    ['an agreement', () => agreement()],
    ['an amendment', () => amendment(agreement())],
  ];

  it.each(texts)('of %s is not by who wrote a revision of it', async (_, make) => {
    const text = make();
    expect(await attempt(...text.statements, approval(text, { approver_id: 'petra' }))).toBe(
      'separation_author_approver',
    );
    expect(await attempt(...text.statements, approval(text, { approver_id: 'lee' }))).toBe('committed');
  });

  it('is not by who wrote an earlier revision only', async () => {
    const text = agreement();
    const later = revision(text, { number: 2, author_id: 'pia' });
    expect(await attempt(...text.statements, later, approval(text, { approver_id: 'petra' }))).toBe(
      'separation_author_approver',
    );
    expect(await attempt(...text.statements, later, approval(text, { approver_id: 'lee' }))).toBe('committed');
  });

  it.each(texts)('of %s is not given for who wrote it', async (_, make) => {
    const text = make();
    expect(await attempt(...text.statements, approval(text, { on_behalf_of: 'petra' }))).toBe(
      'separation_author_approver',
    );
    expect(await attempt(...text.statements, approval(text, { on_behalf_of: 'dan' }))).toBe('committed');
  });

  it('of an amendment may be by who wrote the agreement, which is another text', async () => {
    const text = amendment(agreement({}, 'otto'));
    expect(await attempt(...text.statements, approval(text, { approver_id: 'otto' }))).toBe('committed');
  });

  const word = (approver: string, behalf: string | null = null) => ({ approver_id: approver, on_behalf_of: behalf });
  it.each([
    ['in person twice', word('lee'), word('lee'), 'uq_agreement_approval_person'],
    ['in person, then through a delegate', word('dan'), word('lee', 'dan'), 'separation_one_word_each'],
    ['through a delegate, then in person', word('lee', 'dan'), word('dan'), 'separation_one_word_each'],
    ['through two delegates', word('lee', 'dan'), word('cleo', 'dan'), 'separation_one_word_each'],
    ['as a delegate, then in person', word('lee', 'dan'), word('lee'), 'uq_agreement_approval_person'],
    ['as a delegate twice', word('lee', 'dan'), word('lee', 'eve'), 'uq_agreement_approval_person'],
    ['as a delegate, then through one', word('lee', 'dan'), word('cleo', 'lee'), 'separation_one_word_each'],
    ['through a delegate, then as one', word('cleo', 'lee'), word('lee', 'dan'), 'separation_one_word_each'],
  ])('counts nobody’s word twice: %s', async (_, first, then, constraint) => {
    const text = agreement();
    const approvals = (round: number) => [approval(text, first), approval(text, { ...then, stage: 'legal', round })];
    expect(await attempt(...text.statements, ...approvals(1))).toBe(constraint);
    expect(await attempt(...text.statements, ...approvals(2))).toBe('committed');
  });

  it('is of a stage that nobody has spoken for in the round', async () => {
    const text = agreement();
    const other = (round: number) => approval(text, { approver_id: 'lena', round });
    expect(await attempt(...text.statements, approval(text), other(1))).toBe('uq_agreement_approval_stage');
    expect(await attempt(...text.statements, approval(text), other(2))).toBe('committed');
  });

  it('is not delegated to oneself', async () => {
    const delegation = (delegate: string) =>
      insert('approval_delegation', { delegator_id: 'dan', delegate_id: delegate });
    expect(await attempt(delegation('dan'))).toBe('separation_delegation');
    expect(await attempt(delegation('lee'))).toBe('committed');
  });
});

describe('a termination', () => {
  const proposed = () => ({ id: lateId(), kind: 'mutual', notice_id: null, state: 'proposed', proposed_by: 'lee' });
  const confirm = (id: string, by: string) =>
    `UPDATE termination SET state = 'confirmed', confirmed_by = '${by}', confirmed_at = now() WHERE id = '${id}'`;

  it('is not confirmed by who proposed it', async () => {
    const text = agreement({ state: 'executed' });
    const row = { ...proposed(), agreement_id: text.id };
    const made = [...text.statements, insert('termination', { ...row, confirmed_by: null, confirmed_at: null })];
    expect(await attempt(...made, confirm(row.id, 'lee'))).toBe('separation_termination');
    expect(await attempt(...made, confirm(row.id, 'sam'))).toBe('committed');
  });

  it('is not confirmed by nobody, nor has one who confirmed while it is only proposed', async () => {
    const text = agreement({ state: 'executed' });
    const by = (state: string, confirmedBy: string | null) =>
      insert('termination', { ...proposed(), agreement_id: text.id, state, confirmed_by: confirmedBy });
    expect(await attempt(...text.statements, by('confirmed', null))).toBe('ck_termination_confirmed');
    expect(await attempt(...text.statements, by('proposed', 'sam'))).toBe('ck_termination_confirmed');
    expect(await attempt(...text.statements, by('confirmed', 'sam'))).toBe('committed');
  });

  it('is confirmed once for an agreement', async () => {
    const [text, other] = [agreement({ state: 'executed' }), agreement({ state: 'executed' })];
    const confirmed = (of: Paper) =>
      insert('termination', { ...proposed(), agreement_id: of.id, state: 'confirmed', confirmed_by: 'sam' });
    const both = [...text.statements, ...other.statements, confirmed(text)];
    expect(await attempt(...both, confirmed(text))).toBe('uq_termination_confirmed');
    expect(await attempt(...both, confirmed(other))).toBe('committed');
  });
});

describe('a version', () => {
  const second = (text: Paper, columns: guards.Columns = {}) =>
    version(text, {
      number: 2,
      kind: 'material',
      executed_at: '2026-03-11T00:00:00Z',
      effective_from: '2026-03-12T00:00:00Z',
      ...columns,
    });
  /** An executed agreement and an amendment of it that has all that it needs. */
  const amended = () => {
    const first = agreement({ state: 'out_for_signature' });
    const text = amendment(first, { state: 'out_for_signature' });
    return { text, ready: [...text.statements, ...evidence(first), version(first), ...evidence(text)] };
  };

  it('is counted from one', async () => {
    const text = agreement({ state: 'out_for_signature' });
    const ready = [...text.statements, ...evidence(text)];
    expect(await attempt(...ready, version(text, { number: 2 }))).toBe('versions_tile');
    expect(await attempt(...ready, version(text, { number: 0 }))).toBe('versions_tile');
    expect(await attempt(...ready, version(text, { number: 1 }))).toBe('committed');
  });

  it.each([
    ['leaves a gap', { number: 3 }],
    ['takes the number of the one before', { number: 1 }],
    [
      'begins when the one before does',
      { effective_from: '2026-03-10T00:00:00Z', executed_at: '2026-03-10T00:00:00Z' },
    ],
    ['begins before it', { effective_from: '2026-03-09T00:00:00Z', executed_at: '2026-03-09T00:00:00Z' }],
  ])('does not follow another where it %s', async (_, columns) => {
    const { text, ready } = amended();
    expect(await attempt(...ready, second(text, columns))).toBe('versions_tile');
    expect(await attempt(...ready, second(text))).toBe('committed');
  });

  it('does not hold from before its execution', async () => {
    const { text, ready } = amended();
    const early = { executed_at: '2026-03-11T00:00:00.001Z', effective_from: '2026-03-11T00:00:00Z' };
    expect(await attempt(...ready, second(text, early))).toBe('ck_agreement_version_forward');
    expect(await attempt(...ready, second(text, { ...early, executed_at: early.effective_from }))).toBe('committed');
  });

  // Whose signature each kind asks for; an administrative amendment is acknowledged, a protective one the lab’s alone.
  const kinds: [kind: string, needs: readonly string[]][] = [
    ['original', ['approval', 'evaluator', 'provider']],
    ['material', ['approval', 'evaluator', 'provider']],
    ['administrative', ['approval', 'evaluator']],
    ['protective', ['approval', 'provider']],
  ];
  const amiss: [amiss: string, columns: guards.Columns | null][] = [
    ['missing', null],
    ['of another digest', { digest: guards.digestOf(lateId()) }],
    ['of an earlier round', { round: 0 }],
  ];
  const cases = kinds.flatMap(([kind, needs]) =>
    ['approval', 'evaluator', 'provider'].flatMap((part) =>
      amiss.map(([what, columns]) => [kind, part, what, needs.includes(part), columns] as const),
    ),
  );

  it.each(cases)(
    'that is %s with the %s %s: refused where it needs it (%s)',
    async (kind, part, _what, needed, columns) => {
      const first = agreement({ state: 'out_for_signature' });
      const text = kind === 'original' ? first : amendment(first, { kind, state: 'out_for_signature' });
      const parts: Record<string, (more?: guards.Columns) => string> = {
        approval: (more) => approval(text, more),
        evaluator: (more) => signature(text, 'evaluator', more),
        provider: (more) => signature(text, 'provider', more),
      };
      const before = kind === 'original' ? [] : [...evidence(first), version(first)];
      const others = Object.keys(parts)
        .filter((one) => one !== part)
        .map((one) => parts[one]!());
      const wrong = columns === null ? [] : [parts[part]!(columns)];
      const own = kind === 'original' ? version(text) : second(text, { kind });
      const refused = await attempt(...text.statements, ...before, ...others, ...wrong, own);
      expect(refused).toBe(needed ? 'version_signed' : 'committed');
      if (!needed) return;
      expect(await attempt(...text.statements, ...before, ...others, parts[part]!(), own)).toBe('committed');
    },
  );

  it('does not stand on the signatures of another text', async () => {
    const [text, other] = [agreement({ state: 'out_for_signature' }), agreement({ state: 'out_for_signature' })];
    const both = [...text.statements, ...other.statements];
    const signed = (of: Paper) => [
      approval(of, { digest: text.digest }),
      signature(of, 'evaluator', { digest: text.digest }),
      signature(of, 'provider', { digest: text.digest }),
    ];
    expect(await attempt(...both, ...signed(other), version(text))).toBe('version_signed');
    expect(await attempt(...both, ...signed(text), version(text))).toBe('committed');
  });

  it('is not followed by a revision of its text, be it an agreement or an amendment', async () => {
    const { text, ready } = amended();
    const agreementOf = { ...text, id: text.agreementId };
    for (const executed of [agreementOf, text]) {
      const late = revision(executed, { number: 2, digest: guards.digestOf(lateId()) });
      expect(await attempt(...ready, second(text), late)).toBe('signed_text_stands');
    }
    expect(await attempt(...ready, revision(text, { number: 2 }))).toBe('committed');
  });
});

describe('what was accepted stands', () => {
  const ended = (state: string) => ({
    ended_at: ['terminated', 'superseded'].includes(state) ? '2026-03-05T00:00:00Z' : null,
  });
  const open = ['draft', 'in_negotiation'];
  const closed = ['in_approval', 'out_for_signature', 'executed', 'withdrawn', 'declined', 'lapsed'];
  const changes = [
    `head_digest = 'sha-256:${'0'.repeat(64)}'`,
    'head_number = 2',
    // Going back in the same breath does not help: the state before is what counts.
    `head_digest = 'sha-256:${'0'.repeat(64)}', state = 'in_negotiation'`,
  ];

  it.each([...open, ...closed, 'terminated', 'superseded'])('of an agreement that is %s', async (state) => {
    const text = agreement({ state, ...ended(state) });
    for (const change of changes) {
      const whole = change.includes('state') ? `${change}, ended_at = NULL` : change;
      const update = `UPDATE agreement SET ${whole} WHERE id = '${text.id}'`;
      expect(await attempt(...text.statements, update)).toBe(
        closed.concat('terminated', 'superseded').includes(state) ? 'accepted_text_stands' : 'committed',
      );
      if (open.includes(state)) break;
    }
    const other = `UPDATE agreement SET version = version + 1 WHERE id = '${text.id}'`;
    if (!open.includes(state)) expect(await attempt(...text.statements, other)).toBe('committed');
  });

  it.each([...open, ...closed, 'stale'])('of an amendment that is %s', async (state) => {
    const text = amendment(agreement({ state: 'executed' }), { state });
    for (const change of changes) {
      const update = `UPDATE amendment SET ${change} WHERE id = '${text.id}'`;
      expect(await attempt(...text.statements, update)).toBe(
        open.includes(state) ? 'committed' : 'accepted_text_stands',
      );
      if (open.includes(state)) break;
    }
    const other = `UPDATE amendment SET version = version + 1 WHERE id = '${text.id}'`;
    if (!open.includes(state)) expect(await attempt(...text.statements, other)).toBe('committed');
  });

  it.each(['agreement_version', 'agreement_revision', 'agreement_signature', 'agreement_approval'])(
    'as a row of %s, of which no column is changed and which is not removed',
    async (table) => {
      const columns = await stage.sql<{ name: string }>(
        'SELECT column_name AS name FROM information_schema.columns WHERE table_schema = $1 AND table_name = $2',
        ['public', table],
      );
      expect(columns.length).toBeGreaterThan(8);
      for (const { name } of columns) expect(await attempt(`UPDATE ${table} SET ${name} = ${name}`)).toBe('42501');
      expect(await attempt(`DELETE FROM ${table}`)).toBe('42501');
      const upsert = `INSERT INTO ${table} SELECT * FROM ${table} LIMIT 1 ON CONFLICT (id) DO UPDATE SET digest = 'x'`;
      expect(await attempt(upsert)).toBe('42501');
      const merge = `MERGE INTO ${table} t USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE`;
      expect(await attempt(merge)).toBe('42501');
    },
  );

  it.each([
    ['leaves its triggers out', 'SET session_replication_role = replica'],
    ['disables a trigger', 'ALTER TABLE agreement_version DISABLE TRIGGER ALL'],
    ['drops a trigger', 'DROP TRIGGER versions_tile ON agreement_version'],
    ['rewrites a guard', "CREATE OR REPLACE FUNCTION refuse_bad_version() RETURNS trigger LANGUAGE sql AS 'SELECT 1'"],
    ['drops a constraint', 'ALTER TABLE termination DROP CONSTRAINT separation_termination'],
  ])('because the application’s role never %s', async (_, statement) => {
    expect(await attempt(statement)).toBe('42501');
  });
});

describe('a row is of the agreement that its text is of', () => {
  const rows: [table: string, make: (text: Paper) => string[]][] = [
    ['agreement_revision', (text) => [revision(text, { number: 7 })]],
    ['agreement_approval', (text) => [approval(text)]],
    ['agreement_signature', (text) => [signature(text, 'evaluator')]],
    ['text_transition', (text) => [insert('text_transition', { agreement_id: text.agreementId, text_id: text.id })]],
    ['clause_comment', (text) => [insert('clause_comment', { agreement_id: text.agreementId, text_id: text.id })]],
  ];

  it.each(rows)('in %s', async (_, make) => {
    const mine = amendment(agreement());
    const theirs = amendment(agreement());
    const both = [...mine.statements, ...theirs.statements];
    expect(await attempt(...both, ...make({ ...mine, agreementId: theirs.agreementId }))).toBe('fk_text');
    expect(await attempt(...both, ...make({ ...mine, id: theirs.agreementId }))).toBe('fk_text');
    expect(await attempt(...both, ...make({ ...mine, id: lateId() }))).toBe('fk_text');
    expect(await attempt(...both, ...make(mine))).toBe('committed');
  });

  it('in agreement_version', async () => {
    const [mine, theirs] = [agreement({ state: 'out_for_signature' }), agreement({ state: 'out_for_signature' })];
    const text = amendment(theirs, { state: 'out_for_signature' });
    const both = [...mine.statements, ...text.statements, ...evidence(text)];
    expect(await attempt(...both, version({ ...text, agreementId: mine.id }, { kind: 'material' }))).toBe(
      'version_of_accepted_text',
    );
    expect(await attempt(...both, version(text, { kind: 'material' }))).toBe('committed');
  });
});

describe('two people part', () => {
  it('who submits a partner and who approves it', async () => {
    const partner = (approvedBy: string) => {
      const id = lateId();
      const own = { id, organisation_id: id, legal_name: id, submitted_by: 'petra' };
      return insert('partner_organisation', { ...own, approved_by: approvedBy });
    };
    expect(await attempt(partner('petra'))).toBe('separation_partner_approval');
    expect(await attempt(partner('lee'))).toBe('committed');
  });

  const key = (columns: guards.Columns) => {
    const id = lateId();
    const activeAt = columns.second_approved_by === undefined ? null : '2026-03-03T00:00:00Z';
    const fresh = {
      key_id: id.replaceAll('-', '').slice(0, 16),
      registered_by: 'pia',
      ended_at: null,
      end_reason: null,
    };
    const state = activeAt === null ? 'proved' : 'active';
    return insert('partner_signing_key', {
      id,
      ...fresh,
      proved_at: '2026-03-03T00:00:00Z',
      state,
      active_at: activeAt,
      ...columns,
    });
  };

  it.each([
    ['who registers a signing key and who approves it first', { first_approved_by: 'pia' }, 'first'],
    [
      'who registers a signing key and who approves it second',
      { first_approved_by: 'lee', second_approved_by: 'pia' },
      'second',
    ],
    ['the two who approve a signing key', { first_approved_by: 'lee', second_approved_by: 'lee' }, 'second'],
  ])('%s', async (_, columns, which) => {
    expect(await attempt(key(columns))).toBe(`separation_signing_key_${which}`);
    expect(await attempt(key({ first_approved_by: 'lee' }))).toBe('committed');
    expect(await attempt(key({ first_approved_by: 'lee', second_approved_by: 'cleo' }))).toBe('committed');
  });

  it('who reports a remedy and who decides about it', async () => {
    const notice = (decidedBy: string) =>
      insert('notice', { remedy: 'Done.', remedied_by: 'pia', decided_by: decidedBy, decision: 'So be it.' });
    expect(await attempt(notice('pia'))).toBe('separation_notice_remedy');
    expect(await attempt(notice('cleo'))).toBe('committed');
  });
});

describe('an agreement has one successor', () => {
  it.each(['draft', 'in_negotiation', 'in_approval', 'out_for_signature', 'executed'])(
    'not a second one while the first is %s',
    async (state) => {
      const predecessor = agreement({ state: 'executed' });
      const [first, second] = [state, 'draft'].map((one) => agreement({ state: one, supersedes_id: predecessor.id }));
      const before = [...predecessor.statements, ...first!.statements];
      expect(await attempt(...before, ...second!.statements)).toBe('uq_agreement_successor');
      expect(await attempt(...before)).toBe('committed');
    },
  );

  it.each(['withdrawn', 'declined', 'lapsed'])('but another after one that was %s', async (state) => {
    const predecessor = agreement({ state: 'executed' });
    const [first, second] = [state, 'draft'].map((one) => agreement({ state: one, supersedes_id: predecessor.id }));
    const before = [...predecessor.statements, ...first!.statements];
    expect(await attempt(...before, ...second!.statements)).toBe('committed');
    const revived = `UPDATE agreement SET state = 'draft' WHERE id = '${first!.id}'`;
    expect(await attempt(revived)).toBe('uq_agreement_successor');
  });
});

describe('the database also refuses', () => {
  it('a guard that is led to an empty table of the session’s own: an author approves', async () => {
    const session = await connectAsApplication();
    try {
      const text = agreement();
      expect(await guards.attemptAs(session, ...text.statements)).toBe('committed');
      await session.query('CREATE TEMP TABLE agreement_revision (text_id uuid, author_id text)').catch(() => undefined);
      const own = approval(text, { approver_id: 'petra' });
      expect(await guards.attemptAs(session, own)).toBe('separation_author_approver');
    } finally {
      await session.end();
    }
  });

  it('a guard that is led to a table of the session’s own: a change leaves no audit entry', async () => {
    const session = await connectAsApplication();
    try {
      const forged = 'CREATE TEMP TABLE audit_entry AS SELECT generate_series(0, 1000000)::bigint AS transaction';
      await session.query(forged).catch(() => undefined);
      const change = session.query('UPDATE agreement SET version = version + 1');
      await expect(change).rejects.toMatchObject({ constraint: 'unaudited_change' });
    } finally {
      await session.end();
    }
  });

  it('one person’s word in person and through a delegate at the same moment', async () => {
    const text = agreement();
    expect(await attempt(...text.statements)).toBe('committed');
    const [own, delegates] = [
      approval(text, { approver_id: 'dan' }),
      approval(text, { approver_id: 'lee', on_behalf_of: 'dan', stage: 'legal' }),
    ];
    expect(await atTheSameMoment(own, delegates)).toBe('separation_one_word_each');
  });

  it('a revision and an approval by one person at the same moment', async () => {
    const text = agreement();
    expect(await attempt(...text.statements)).toBe('committed');
    const written = revision(text, { number: 2, author_id: 'lee' });
    expect(await atTheSameMoment(written, approval(text))).toBe('separation_author_approver');
  });

  it('a material amendment that is executed as a protective one, without the partner', async () => {
    const first = agreement({ state: 'out_for_signature' });
    const text = amendment(first, { kind: 'material', state: 'out_for_signature' });
    const own = { number: 2, kind: 'protective', executed_at: '2026-03-11T00:00:00Z' };
    const version2 = version(text, { ...own, effective_from: '2026-03-12T00:00:00Z' });
    const before = [...text.statements, ...evidence(first), version(first)];
    const refused = await attempt(...before, approval(text), signature(text, 'provider'), version2);
    expect(refused).not.toBe('committed');
  });

  it.each(['protective', 'whatever'])('a first version of the kind %s, signed by the lab alone', async (kind) => {
    const text = agreement({ state: 'out_for_signature' });
    const signed = [...text.statements, approval(text), signature(text, 'provider')];
    expect(await attempt(...signed, version(text, { kind }))).not.toBe('committed');
  });

  it.each(['draft', 'in_negotiation', 'withdrawn', 'declined', 'lapsed'])(
    'a version of a text that is %s',
    async (state) => {
      const text = agreement({ state });
      expect(await attempt(...text.statements, ...evidence(text), version(text))).not.toBe('committed');
    },
  );

  it('a version with the digest of no revision of its text', async () => {
    const text = { ...agreement({ state: 'out_for_signature' }), digest: guards.digestOf(lateId()) };
    expect(await attempt(...text.statements, ...evidence(text), version(text))).not.toBe('committed');
  });

  /** Two statements of two sessions, the second while the first has not committed: what becomes of the second. */
  async function atTheSameMoment(first: string, then: string): Promise<string> {
    const sessions = [await connectAsApplication(), await connectAsApplication()];
    const [one, other] = sessions as [Client, Client];
    try {
      await one.query(`BEGIN; ${first}; ${guards.entry}`);
      const second = guards.attemptAs(other, then);
      // Either it waits for the first or it has decided without it; it is given the time to do so.
      await Promise.race([second, setTimeout(500)]);
      await one.query('COMMIT');
      return await second;
    } finally {
      for (const session of sessions) await session.end();
    }
  }
});
