import { Client, DatabaseError } from 'pg';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applicationRole } from '../../src/data-source.js';
import { furnish } from '../setup/contract-life.js';
import { given, letADayPass } from '../setup/given.js';
import { proveSigningKey } from '../setup/signing-keys.js';
import { openStage, Stage } from '../setup/stage.js';

/** Tables to which the application may only add. A table that leaves this list is a change of policy. */
const appendOnly = [
  'agreement_approval',
  'agreement_revision',
  'agreement_signature',
  'agreement_version',
  'audit_detail',
  'audit_entry',
  'boundary_event',
  'change_log',
  'clause_comment',
  'model_price',
  'obligation_submission',
  'partner_check',
  'publication_objection',
  'statement',
  'text_transition',
  'usage_batch',
  'usage_conflict',
  'usage_event',
];

/**
 * Tables of which every change leaves an audit entry, and what makes another row of a copy of one of their rows: the
 * columns that say who it is.
 */
const audited: Record<string, string> = {
  user_account: `{"id": "$id", "email": "$id"}`,
  invitation: `{"id": "$id", "token_hash": "\\\\x$hex"}`,
  session: `{"id": "$id"}`,
  gateway_credential: `{"id": "$id", "secret_hash": "\\\\x$hex"}`,
  partner_organisation: `{"id": "$id", "organisation_id": "$id", "legal_name": "$id"}`,
  partner_contact: `{"id": "$id", "email": "$id"}`,
  partner_check: `{"id": "$id", "number": 99}`,
  partner_signing_key: `{"id": "$id", "key_id": "$id"}`,
  agreement: `{"id": "$id"}`,
  agreement_revision: `{"id": "$id", "number": 99, "agreement_id": "$draft", "text_id": "$draft"}`,
  agreement_approval: `{"id": "$id", "stage": "$id", "approver_id": "$id"}`,
  agreement_signature: `{"id": "$id", "party": "$id"}`,
  // No copy of a version is a right one; contract-guards.spec.ts writes a right one.
  agreement_version: `{"id": "$id", "number": 2, "effective_from": "2030-01-01T00:00:00Z"}`,
  amendment: `{"id": "$id"}`,
  approval_delegation: `{"id": "$id"}`,
  text_transition: `{"id": "$id"}`,
  clause_comment: `{"id": "$id"}`,
  notice: `{"id": "$id"}`,
  termination: `{"id": "$id"}`,
  obligation: `{"id": "$id", "term_id": "$id"}`,
  obligation_submission: `{"id": "$id"}`,
  publication_review: `{"id": "$id"}`,
  publication_objection: `{"id": "$id"}`,
  boundary_event: `{"event": "$id"}`,
  suspension: `{"id": "$id"}`,
  campaign: `{"id": "$id"}`,
  evaluation_run: `{"id": "$id", "run_id": "$id"}`,
  roster_entry: `{"id": "$id", "removed_at": "2026-03-02T09:00:00Z", "removed_by": "$id", "removal_reason": "$id"}`,
  key_request: `{"id": "$id"}`,
  api_key: `{"id": "$id", "public_id": "$id"}`,
  model_price: `{"id": "$id"}`,
  key_secret: `{"id": "$id", "hash": "\\\\x$hex", "ends_at": "2026-04-01T00:00:00Z"}`,
  usage_batch: `{"id": 99}`,
  finding: `{"id": "$id", "rule": "$id"}`,
  statement: `{"id": "$id", "number": 99, "starts_at": "2020-01-01T00:00:00Z"}`,
};

/** Tables that are working memory: what they say stands elsewhere for good, or is nobody's business for long. */
const working = [
  'decision_record',
  'gateway_node',
  'idempotency_key',
  'login_attempt',
  'node_receipt',
  'quota_bucket',
  'quota_lease',
  'quota_window',
  'usage_rollup',
];

/** Of those, the ones that the application forgets rows of. */
const forgotten = ['idempotency_key', 'login_attempt'];

let stage: Stage;
let application: Client;
/** An agreement that is a draft still, and may be revised. */
let draftId: string;

beforeAll(async () => {
  stage = await openStage();
  const story = await given.activeAgreement(stage);
  const price = { model: 'a', currency: 'USD', inputPerMillion: 1, outputPerMillion: 1 };
  await story.cast.partnerships.post('/v1/prices', price);
  const because = { reasonCode: 'investigation', reason: 'A look at it' };
  await story.cast.compliance.post(`/v1/keys/${story.keys[2]!.id}/suspensions`, because);
  ({ draftId } = await furnish(story));
  await proveSigningKey(story.cast.partnerAdmin, story.organisationId);
  await letADayPass(story);
  application = new Client({ connectionString: stage.ownerUrl });
  await application.connect();
  await application.query(`SET ROLE ${applicationRole}`);
});

afterAll(async () => {
  await application.end();
  await stage.stop();
});

describe('the application’s role', () => {
  it('meets a decision about every table', async () => {
    const tables = await stage.sql<{ name: string }>(
      "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migrations'",
    );
    const known = new Set([...appendOnly, ...Object.keys(audited), ...working]);
    expect(tables.map(({ name }) => name).toSorted()).toEqual([...known].toSorted());
  });

  it('is no superuser, owns nothing, makes nothing and inherits nothing', async () => {
    const [role] = await stage.sql(
      `SELECT rolsuper, rolcreaterole, rolcreatedb, rolbypassrls,
         (SELECT count(*)::int FROM pg_class WHERE relowner = r.oid) AS owned,
         (SELECT count(*)::int FROM pg_auth_members WHERE member = r.oid) AS memberships,
         has_schema_privilege(r.oid, 'public', 'CREATE') AS creates
       FROM pg_roles r WHERE rolname = $1`,
      [applicationRole],
    );
    const none = { rolsuper: false, rolcreaterole: false, rolcreatedb: false, rolbypassrls: false };
    expect(role).toEqual({ ...none, owned: 0, memberships: 0, creates: false });
  });

  it.each(appendOnly)('neither changes nor removes a row of %s', async (table) => {
    const column = anyColumn[table] ?? 'id';
    expect(await attempt(`UPDATE ${table} SET ${column} = ${column}`)).toBe('42501');
    expect(await attempt(`DELETE FROM ${table}`)).toBe('42501');
    expect(await attempt(`TRUNCATE ${table} CASCADE`)).toBe('42501');
  });

  it.each([...Object.keys(audited), ...working].filter((table) => !forgotten.includes(table)))(
    'removes no row of %s',
    async (table) => {
      expect(await attempt(`DELETE FROM ${table}`)).toBe('42501');
      expect(await attempt(`TRUNCATE ${table} CASCADE`)).toBe('42501');
    },
  );

  it.each([...Object.keys(audited), ...appendOnly])('even the owner does not truncate %s', async (table) => {
    await expect(stage.sql(`TRUNCATE ${table} CASCADE`)).rejects.toMatchObject({ constraint: 'never_truncated' });
  });
});

describe('a change without an audit entry in its own transaction does not commit', () => {
  it.each(Object.entries(audited))('a new row of %s', async (table, identity) => {
    const insert = copyOf(table, identity);
    const guarded = table === 'agreement_version' ? 'version_of_accepted_text' : null;
    expect(await attempt(insert)).toBe(guarded ?? 'unaudited_change');
    expect(await attempt(insert, entry)).toBe(guarded ?? 'committed');
  });

  it.each(Object.keys(audited).filter((table) => !appendOnly.includes(table)))('a changed row of %s', async (table) => {
    const update = `UPDATE ${table} SET id = id WHERE id = (SELECT max(id::text)::uuid FROM ${table})`;
    expect(await attempt(update)).toBe('unaudited_change');
    expect(await attempt(update, entry)).toBe('committed');
  });

  it('an entry of another transaction does not count', async () => {
    expect(await attempt(entry)).toBe('committed');
    expect(await attempt('UPDATE campaign SET id = id')).toBe('unaudited_change');
  });

  it('an entry cannot pretend to be of another transaction', async () => {
    const [before] = await stage.sql('SELECT count(*)::int AS entries FROM audit_entry WHERE transaction = 1');
    expect(await attempt(entry.replace('leaf_hash, transaction FROM', 'leaf_hash, 1 FROM'))).toBe('committed');
    expect(await stage.sql('SELECT count(*)::int AS entries FROM audit_entry WHERE transaction = 1')).toEqual([before]);
  });
});

describe('the database itself parts people', () => {
  it('an author does not approve', async () => {
    const insert = `INSERT INTO agreement_approval
      SELECT (jsonb_populate_record(a, jsonb_build_object('id', gen_random_uuid(), 'stage', 'legal', 'approver_id',
        (SELECT author_id FROM agreement_revision LIMIT 1)))).* FROM agreement_approval a LIMIT 1`;
    expect(await attempt(insert, entry)).toBe('separation_author_approver');
  });

  it('nobody gives two approvals of one digest', async () => {
    const insert = copyOf('agreement_approval', '{"id": "$id", "stage": "legal"}');
    expect(await attempt(insert, entry)).toBe('uq_agreement_approval_person');
  });

  it.each([
    [
      'a partner is not approved by who submitted it',
      'partner_organisation',
      'approved_by',
      'submitted_by',
      'partner_approval',
    ],
    ['a campaign is not approved by who proposed it', 'campaign', 'approved_by', 'proposed_by', 'campaign_approval'],
    [
      'a key is not approved for the partner by who asked for it',
      'key_request',
      'partner_approved_by',
      'requested_by',
      'key_request_partner',
    ],
    [
      'a key is not approved for the lab by who asked for it',
      'key_request',
      'lab_approved_by',
      'requested_by',
      'key_request_lab',
    ],
    [
      'a stop is not lifted by who proposed the lifting',
      'suspension',
      'lifted_by',
      'lift_proposed_by',
      'suspension_lift',
    ],
  ])('%s', async (...[, table, second, first, constraint]) => {
    const lifted = table === 'suspension' ? ", lifted_at = now(), lift_proposed_by = 'ada'" : '';
    const same = `UPDATE ${table} SET ${second} = ${lifted ? "'ada'" : first}${lifted}`;
    expect(await attempt(same, entry)).toBe(`separation_${constraint}`);
    expect(await attempt(same.replace(/= ('ada'|\w+_by)/, "= 'grace'"), entry)).toBe('committed');
  });

  it.each([
    ['who proposed it', "'ada'"],
    ['one person where nobody proposed it', 'NULL'],
  ])('an obligation is not waived by %s', async (_, proposedBy) => {
    const waive = `UPDATE obligation SET state = 'waived', waived_by = 'ada', waiver_proposed_by = `;
    expect(await attempt(waive + proposedBy, entry)).toBe('separation_obligation_waiver');
    expect(await attempt(`${waive}'grace'`, entry)).toBe('committed');
  });

  it.each([
    ['a partner is not approved that nobody submitted', 'partner_organisation', 'submitted_by', "approved_by = 'ada'"],
    [
      'a stop is not lifted whose lifting nobody proposed',
      'suspension',
      'lift_proposed_by',
      "lifted_by = 'ada', lifted_at = now()",
    ],
  ])('%s', async (_, table, first, second) => {
    expect(await attempt(`UPDATE ${table} SET ${first} = NULL, ${second}`, entry)).toMatch(/^separation_/);
  });

  // A key that nobody has approved yet: who registered it, who approves first and who approves second.
  it.each<[string, string, string]>([
    ['neither approval of a signing key is by who registered it', 'first_approved_by = registered_by', 'first'],
    [
      'nor is the second',
      "first_approved_by = 'ada', second_approved_by = registered_by, active_at = now(), state = 'active'",
      'second',
    ],
    [
      'nobody gives both approvals of a signing key',
      "first_approved_by = 'ada', second_approved_by = 'ada', active_at = now(), state = 'active'",
      'second',
    ],
    [
      'a signing key has no second approval without a first',
      "second_approved_by = 'ada', active_at = now(), state = 'active'",
      'second',
    ],
    ['a signing key is not active with one approval', "first_approved_by = 'ada', state = 'active'", 'active'],
    ['a signing key is not active without any', "state = 'active'", 'active'],
  ])('%s', async (_, change, constraint) => {
    const where = "WHERE state = 'proved'";
    expect(await attempt(`UPDATE partner_signing_key SET ${change} ${where}`, entry)).toBe(
      `separation_signing_key_${constraint}`,
    );
  });

  it('a signing key is approved after it was proved', async () => {
    const copy = copyOf('partner_signing_key', '{"id": "$id", "proved_at": null, "first_approved_by": "ada"}');
    expect(await attempt(copy, entry)).toBe('ck_partner_signing_key_proof');
  });

  it('a signing key that two people approved, neither of whom registered it, is active', async () => {
    const change = "first_approved_by = 'ada', second_approved_by = 'grace', active_at = now(), state = 'active'";
    expect(await attempt(`UPDATE partner_signing_key SET ${change} WHERE state = 'proved'`, entry)).toBe('committed');
  });
});

/** An audit entry, as little of one as the table takes. */
const entry = `INSERT INTO audit_entry (id, log, at, actor_kind, actor_id, actor_name, action, subject_kind, subject_id,
  canonical, leaf_hash, transaction) SELECT gen_random_uuid(), log, at, actor_kind, actor_id, actor_name, action,
  subject_kind, subject_id, canonical, leaf_hash, transaction FROM audit_entry LIMIT 1`;

const anyColumn: Record<string, string> = {
  audit_detail: 'entry_id',
  boundary_event: 'event',
  change_log: 'kind',
  usage_batch: 'size',
  usage_event: 'status',
  usage_conflict: 'time',
};

/** Statements as one transaction of the application's role: 'committed', the constraint that refused, or the SQLSTATE. */
async function attempt(...statements: string[]): Promise<string> {
  await application.query('BEGIN');
  try {
    for (const statement of statements) {
      const { rowCount } = await application.query(statement);
      if (rowCount === 0) throw new Error(`It touches no row: ${statement}`);
    }
    await application.query('COMMIT');
    return 'committed';
  } catch (error) {
    await application.query('ROLLBACK');
    if (!(error instanceof DatabaseError)) throw error;
    return error.constraint ?? error.code!;
  }
}

/** A statement that adds a copy of a row under another identity. */
function copyOf(table: string, identity: string): string {
  const id = randomUUID();
  const other = identity
    .replaceAll('$draft', draftId)
    .replaceAll('$id', id)
    .replaceAll('$hex', id.replaceAll('-', '').repeat(2));
  const overriding = table === 'usage_batch' ? 'OVERRIDING SYSTEM VALUE' : '';
  return `INSERT INTO ${table} ${overriding}
    SELECT (jsonb_populate_record(r, '${other}')).* FROM ${table} r LIMIT 1`;
}
