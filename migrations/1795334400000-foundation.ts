import { MigrationInterface, QueryRunner } from 'typeorm';

/** Tables that entities map. Every name is declared in its entity, so that the schema and the code can be compared. */
const entityTables = `
CREATE TABLE audit_entry (
  id uuid NOT NULL,
  log text NOT NULL,
  at timestamptz NOT NULL,
  actor_kind text NOT NULL,
  actor_id text NOT NULL,
  actor_name text NOT NULL,
  action text NOT NULL,
  subject_kind text NOT NULL,
  subject_id text NOT NULL,
  canonical bytea NOT NULL,
  leaf_hash bytea NOT NULL,
  transaction bigint NOT NULL,
  CONSTRAINT ck_audit_entry_leaf_hash CHECK (octet_length(leaf_hash) = 32),
  CONSTRAINT pk_audit_entry PRIMARY KEY (id)
);
CREATE INDEX ix_audit_entry_transaction ON audit_entry (transaction);
CREATE INDEX ix_audit_entry_log ON audit_entry (log, id);
CREATE TABLE audit_detail (
  entry_id uuid NOT NULL,
  salt bytea NOT NULL,
  detail jsonb NOT NULL,
  CONSTRAINT pk_audit_detail PRIMARY KEY (entry_id)
);
CREATE TABLE partner_organisation (
  id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  legal_name text NOT NULL,
  country text NOT NULL,
  email_domains text[] NOT NULL,
  competitor boolean NOT NULL,
  contacts jsonb NOT NULL,
  state text NOT NULL,
  due_diligence jsonb,
  submitted_by text,
  approved_by text,
  created_at timestamptz NOT NULL,
  version integer NOT NULL,
  CONSTRAINT separation_partner_approval CHECK (approved_by IS NULL OR (submitted_by IS NOT NULL AND approved_by <> submitted_by)),
  CONSTRAINT ck_partner_organisation_own CHECK (organisation_id = id),
  CONSTRAINT pk_partner_organisation PRIMARY KEY (id)
);
CREATE UNIQUE INDEX uq_partner_organisation_legal_name ON partner_organisation (legal_name);
CREATE TABLE user_account (
  id uuid NOT NULL,
  email text NOT NULL,
  name text NOT NULL,
  side text NOT NULL,
  organisation_id uuid,
  roles text[] NOT NULL,
  password_hash text,
  identity text,
  created_at timestamptz NOT NULL,
  suspended_at timestamptz,
  version integer NOT NULL,
  CONSTRAINT ck_user_account_side CHECK ((side = 'lab') = (organisation_id IS NULL)),
  CONSTRAINT pk_user_account PRIMARY KEY (id)
);
CREATE INDEX ix_user_account_organisation ON user_account (organisation_id, id);
CREATE UNIQUE INDEX uq_user_account_email ON user_account (email);
CREATE UNIQUE INDEX uq_user_account_identity ON user_account (identity);
CREATE TABLE invitation (
  id uuid NOT NULL,
  email text,
  organisation_id uuid,
  roles text[] NOT NULL,
  token_hash bytea NOT NULL,
  invited_by text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  closed_at timestamptz,
  CONSTRAINT pk_invitation PRIMARY KEY (id)
);
CREATE INDEX ix_invitation_organisation ON invitation (organisation_id, id);
CREATE UNIQUE INDEX uq_invitation_token_hash ON invitation (token_hash);
CREATE TABLE session (
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  refresh_hash bytea NOT NULL,
  authenticated_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  ended_at timestamptz,
  CONSTRAINT pk_session PRIMARY KEY (id)
);
CREATE INDEX ix_session_user ON session (user_id, id);
CREATE TABLE gateway_credential (
  id uuid NOT NULL,
  name text NOT NULL,
  secret_hash bytea NOT NULL,
  created_at timestamptz NOT NULL,
  revoked_at timestamptz,
  version integer NOT NULL,
  CONSTRAINT pk_gateway_credential PRIMARY KEY (id)
);
CREATE UNIQUE INDEX uq_gateway_credential_secret_hash ON gateway_credential (secret_hash);
CREATE TABLE agreement (
  id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  title text NOT NULL,
  state text NOT NULL,
  head_number integer NOT NULL,
  head_digest text NOT NULL,
  created_at timestamptz NOT NULL,
  proposed_number integer,
  version integer NOT NULL,
  CONSTRAINT pk_agreement PRIMARY KEY (id)
);
CREATE INDEX ix_agreement_organisation ON agreement (organisation_id, id);
CREATE TABLE agreement_revision (
  id uuid NOT NULL,
  agreement_id uuid NOT NULL,
  number integer NOT NULL,
  author_id text NOT NULL,
  terms jsonb NOT NULL,
  prose jsonb NOT NULL,
  canonical bytea NOT NULL,
  digest text NOT NULL,
  created_at timestamptz NOT NULL,
  CONSTRAINT pk_agreement_revision PRIMARY KEY (id)
);
CREATE UNIQUE INDEX uq_agreement_revision_number ON agreement_revision (agreement_id, number);
CREATE TABLE agreement_approval (
  id uuid NOT NULL,
  agreement_id uuid NOT NULL,
  digest text NOT NULL,
  stage text NOT NULL,
  approver_id text NOT NULL,
  approver_name text NOT NULL,
  approved_at timestamptz NOT NULL,
  CONSTRAINT pk_agreement_approval PRIMARY KEY (id)
);
CREATE UNIQUE INDEX uq_agreement_approval_stage ON agreement_approval (agreement_id, digest, stage);
CREATE UNIQUE INDEX uq_agreement_approval_person ON agreement_approval (agreement_id, digest, approver_id);
CREATE TABLE agreement_signature (
  id uuid NOT NULL,
  agreement_id uuid NOT NULL,
  digest text NOT NULL,
  party text NOT NULL,
  method text NOT NULL,
  signer_id text NOT NULL,
  legal_name text NOT NULL,
  title text NOT NULL,
  statements_version text NOT NULL,
  statements_digest text NOT NULL,
  authenticated_at timestamptz NOT NULL,
  signed_at timestamptz NOT NULL,
  address text NOT NULL,
  address_source text NOT NULL,
  user_agent text NOT NULL,
  CONSTRAINT pk_agreement_signature PRIMARY KEY (id)
);
CREATE UNIQUE INDEX uq_agreement_signature_party ON agreement_signature (agreement_id, digest, party);
CREATE TABLE agreement_version (
  id uuid NOT NULL,
  agreement_id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  number integer NOT NULL,
  digest text NOT NULL,
  canonical bytea NOT NULL,
  terms jsonb NOT NULL,
  executed_at timestamptz NOT NULL,
  evidence bytea NOT NULL,
  CONSTRAINT pk_agreement_version PRIMARY KEY (id)
);
CREATE UNIQUE INDEX uq_agreement_version_number ON agreement_version (agreement_id, number);
CREATE TABLE suspension (
  id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  agreement_id uuid,
  scope text NOT NULL,
  target text NOT NULL,
  reason_code text NOT NULL,
  reason text NOT NULL,
  suspended_by text NOT NULL,
  suspended_side text NOT NULL,
  suspended_at timestamptz NOT NULL,
  lift_proposed_by text,
  lift_proposed_at timestamptz,
  lifted_by text,
  lifted_at timestamptz,
  version integer NOT NULL,
  CONSTRAINT ck_suspension_lift CHECK ((lifted_by IS NULL) = (lifted_at IS NULL)),
  CONSTRAINT separation_suspension_lift CHECK (lifted_by IS NULL OR (lift_proposed_by IS NOT NULL AND lifted_by <> lift_proposed_by)),
  CONSTRAINT pk_suspension PRIMARY KEY (id)
);
CREATE INDEX ix_suspension_in_force ON suspension (organisation_id) WHERE lifted_at IS NULL;
CREATE TABLE campaign (
  id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  agreement_id uuid NOT NULL,
  title text NOT NULL,
  purpose text NOT NULL,
  models text[] NOT NULL,
  evaluation_sets text[] NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  expected_requests bigint NOT NULL,
  lead_id uuid NOT NULL,
  state text NOT NULL,
  proposed_by text NOT NULL,
  approved_by text,
  version integer NOT NULL,
  CONSTRAINT separation_campaign_approval CHECK (approved_by IS NULL OR approved_by <> proposed_by),
  CONSTRAINT ck_campaign_window CHECK (starts_at < ends_at),
  CONSTRAINT pk_campaign PRIMARY KEY (id)
);
CREATE INDEX ix_campaign_agreement ON campaign (agreement_id, id);
CREATE TABLE roster_entry (
  id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  agreement_id uuid NOT NULL,
  user_id uuid NOT NULL,
  vouched_by text NOT NULL,
  added_at timestamptz NOT NULL,
  removed_at timestamptz,
  version integer NOT NULL,
  CONSTRAINT pk_roster_entry PRIMARY KEY (id)
);
CREATE UNIQUE INDEX uq_roster_entry_person ON roster_entry (agreement_id, user_id) WHERE removed_at IS NULL;
CREATE TABLE key_request (
  id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  agreement_id uuid NOT NULL,
  campaign_id uuid NOT NULL,
  requested_by text NOT NULL,
  models text[] NOT NULL,
  capabilities text[] NOT NULL,
  endpoints text[] NOT NULL,
  networks text[],
  expires_at timestamptz NOT NULL,
  justification text NOT NULL,
  state text NOT NULL,
  partner_approved_by text,
  lab_approved_by text,
  submitted_at timestamptz NOT NULL,
  version integer NOT NULL,
  CONSTRAINT separation_key_request_lab CHECK (lab_approved_by IS NULL OR lab_approved_by <> requested_by),
  CONSTRAINT separation_key_request_partner CHECK (partner_approved_by IS NULL OR partner_approved_by <> requested_by),
  CONSTRAINT pk_key_request PRIMARY KEY (id)
);
CREATE INDEX ix_key_request_organisation ON key_request (organisation_id, id);
CREATE INDEX ix_key_request_campaign ON key_request (campaign_id, id);
CREATE TABLE api_key (
  id uuid NOT NULL,
  public_id text NOT NULL,
  organisation_id uuid NOT NULL,
  agreement_id uuid NOT NULL,
  campaign_id uuid NOT NULL,
  researcher_id uuid NOT NULL,
  request_id uuid NOT NULL,
  models text[] NOT NULL,
  capabilities text[] NOT NULL,
  endpoints text[] NOT NULL,
  networks text[],
  issued_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  revoked_by text,
  revocation_reason text,
  version integer NOT NULL,
  CONSTRAINT pk_api_key PRIMARY KEY (id)
);
CREATE INDEX ix_api_key_organisation ON api_key (organisation_id, id);
CREATE INDEX ix_api_key_agreement ON api_key (agreement_id, id);
CREATE UNIQUE INDEX uq_api_key_public_id ON api_key (public_id);
CREATE TABLE key_secret (
  id uuid NOT NULL,
  key_id uuid NOT NULL,
  hash bytea NOT NULL,
  ends_at timestamptz,
  CONSTRAINT pk_key_secret PRIMARY KEY (id)
);
CREATE INDEX ix_key_secret_key ON key_secret (key_id);
CREATE UNIQUE INDEX uq_key_secret_hash ON key_secret (hash);
CREATE TABLE quota_window (
  id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  agreement_id uuid NOT NULL,
  quota_id text NOT NULL,
  metric text NOT NULL,
  subject text NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  hard boolean NOT NULL,
  "limit" bigint NOT NULL,
  leased bigint NOT NULL DEFAULT '0',
  used bigint NOT NULL DEFAULT '0',
  overrun bigint NOT NULL DEFAULT '0',
  CONSTRAINT ck_quota_window_limit CHECK (NOT hard OR leased + used <= "limit"),
  CONSTRAINT ck_quota_window_counts CHECK (leased >= 0 AND used >= 0 AND overrun >= 0),
  CONSTRAINT pk_quota_window PRIMARY KEY (id)
);
CREATE UNIQUE INDEX uq_quota_window_identity ON quota_window (agreement_id, quota_id, subject, starts_at);
CREATE TABLE finding (
  id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  agreement_id uuid NOT NULL,
  rule text NOT NULL,
  rule_version integer NOT NULL,
  severity text NOT NULL,
  subject_kind text NOT NULL,
  subject_id text NOT NULL,
  period_kind text NOT NULL,
  period_starts_at timestamptz NOT NULL,
  clause_ref text NOT NULL,
  expected text NOT NULL,
  observed text NOT NULL,
  delta bigint NOT NULL,
  unit text NOT NULL,
  occurrences bigint NOT NULL,
  evidence text[] NOT NULL,
  terms_digest text NOT NULL,
  usage_digest text NOT NULL,
  found_at timestamptz NOT NULL,
  CONSTRAINT pk_finding PRIMARY KEY (id)
);
CREATE INDEX ix_finding_organisation ON finding (organisation_id, id);
CREATE UNIQUE INDEX uq_finding_identity ON finding (agreement_id, rule, subject_kind, subject_id, period_kind, period_starts_at);
CREATE TABLE decision_record (
  id uuid NOT NULL,
  at timestamptz NOT NULL,
  gateway_id uuid NOT NULL,
  key_id uuid,
  agreement_id uuid,
  agreement_version integer,
  model text NOT NULL,
  endpoint text NOT NULL,
  address text,
  run text,
  code text NOT NULL,
  reasons jsonb,
  input_tokens bigint NOT NULL,
  output_tokens bigint NOT NULL,
  window_ids uuid[] NOT NULL,
  settled_at timestamptz,
  CONSTRAINT pk_decision_record PRIMARY KEY (id)
);
CREATE INDEX ix_decision_agreement ON decision_record (agreement_id, at);
CREATE TABLE statement (
  id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  agreement_id uuid NOT NULL,
  kind text NOT NULL,
  number integer NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  closed_at timestamptz NOT NULL,
  last_batch bigint NOT NULL,
  findings integer NOT NULL,
  digest text NOT NULL,
  sealed bytea NOT NULL,
  CONSTRAINT pk_statement PRIMARY KEY (id)
);
CREATE INDEX ix_statement_organisation ON statement (organisation_id, id);
CREATE UNIQUE INDEX uq_statement_number ON statement (agreement_id, kind, number);
CREATE UNIQUE INDEX uq_statement_period ON statement (agreement_id, kind, starts_at);

ALTER TABLE invitation ADD CONSTRAINT fk_invitation_organisation FOREIGN KEY (organisation_id) REFERENCES partner_organisation(id);
ALTER TABLE session ADD CONSTRAINT fk_session_user FOREIGN KEY (user_id) REFERENCES user_account(id);
ALTER TABLE user_account ADD CONSTRAINT fk_user_account_organisation FOREIGN KEY (organisation_id) REFERENCES partner_organisation(id);
ALTER TABLE agreement_approval ADD CONSTRAINT fk_agreement_approval_agreement FOREIGN KEY (agreement_id) REFERENCES agreement(id);
ALTER TABLE agreement_revision ADD CONSTRAINT fk_agreement_revision_agreement FOREIGN KEY (agreement_id) REFERENCES agreement(id);
ALTER TABLE agreement_signature ADD CONSTRAINT fk_agreement_signature_agreement FOREIGN KEY (agreement_id) REFERENCES agreement(id);
ALTER TABLE agreement_version ADD CONSTRAINT fk_agreement_version_agreement FOREIGN KEY (agreement_id) REFERENCES agreement(id);
ALTER TABLE agreement_version ADD CONSTRAINT fk_agreement_version_organisation FOREIGN KEY (organisation_id) REFERENCES partner_organisation(id);
ALTER TABLE agreement ADD CONSTRAINT fk_agreement_organisation FOREIGN KEY (organisation_id) REFERENCES partner_organisation(id);
ALTER TABLE campaign ADD CONSTRAINT fk_campaign_organisation FOREIGN KEY (organisation_id) REFERENCES partner_organisation(id);
ALTER TABLE campaign ADD CONSTRAINT fk_campaign_agreement FOREIGN KEY (agreement_id) REFERENCES agreement(id);
ALTER TABLE campaign ADD CONSTRAINT fk_campaign_lead FOREIGN KEY (lead_id) REFERENCES user_account(id);
ALTER TABLE roster_entry ADD CONSTRAINT fk_roster_entry_organisation FOREIGN KEY (organisation_id) REFERENCES partner_organisation(id);
ALTER TABLE roster_entry ADD CONSTRAINT fk_roster_entry_agreement FOREIGN KEY (agreement_id) REFERENCES agreement(id);
ALTER TABLE roster_entry ADD CONSTRAINT fk_roster_entry_user FOREIGN KEY (user_id) REFERENCES user_account(id);
ALTER TABLE finding ADD CONSTRAINT fk_finding_organisation FOREIGN KEY (organisation_id) REFERENCES partner_organisation(id);
ALTER TABLE finding ADD CONSTRAINT fk_finding_agreement FOREIGN KEY (agreement_id) REFERENCES agreement(id);
ALTER TABLE api_key ADD CONSTRAINT fk_api_key_organisation FOREIGN KEY (organisation_id) REFERENCES partner_organisation(id);
ALTER TABLE api_key ADD CONSTRAINT fk_api_key_agreement FOREIGN KEY (agreement_id) REFERENCES agreement(id);
ALTER TABLE api_key ADD CONSTRAINT fk_api_key_campaign FOREIGN KEY (campaign_id) REFERENCES campaign(id);
ALTER TABLE api_key ADD CONSTRAINT fk_api_key_researcher FOREIGN KEY (researcher_id) REFERENCES user_account(id);
ALTER TABLE api_key ADD CONSTRAINT fk_api_key_request FOREIGN KEY (request_id) REFERENCES key_request(id);
ALTER TABLE key_request ADD CONSTRAINT fk_key_request_organisation FOREIGN KEY (organisation_id) REFERENCES partner_organisation(id);
ALTER TABLE key_request ADD CONSTRAINT fk_key_request_agreement FOREIGN KEY (agreement_id) REFERENCES agreement(id);
ALTER TABLE key_request ADD CONSTRAINT fk_key_request_campaign FOREIGN KEY (campaign_id) REFERENCES campaign(id);
ALTER TABLE key_secret ADD CONSTRAINT fk_key_secret_key FOREIGN KEY (key_id) REFERENCES api_key(id);
ALTER TABLE quota_window ADD CONSTRAINT fk_quota_window_organisation FOREIGN KEY (organisation_id) REFERENCES partner_organisation(id);
ALTER TABLE quota_window ADD CONSTRAINT fk_quota_window_agreement FOREIGN KEY (agreement_id) REFERENCES agreement(id);
ALTER TABLE statement ADD CONSTRAINT fk_statement_organisation FOREIGN KEY (organisation_id) REFERENCES partner_organisation(id);
ALTER TABLE statement ADD CONSTRAINT fk_statement_agreement FOREIGN KEY (agreement_id) REFERENCES agreement(id);
ALTER TABLE suspension ADD CONSTRAINT fk_suspension_organisation FOREIGN KEY (organisation_id) REFERENCES partner_organisation(id);
ALTER TABLE suspension ADD CONSTRAINT fk_suspension_agreement FOREIGN KEY (agreement_id) REFERENCES agreement(id);
`;

/** Tables that are written and read by SQL alone: the hot paths, which load no entities. */
const plainTables = `
CREATE TABLE idempotency_key (
  principal text NOT NULL,
  key text NOT NULL,
  fingerprint bytea NOT NULL,
  attempt text NOT NULL,
  claimed_at timestamptz NOT NULL,
  status integer,
  -- json, not jsonb: an answer is replayed byte for byte, in its own order.
  body json,
  CONSTRAINT pk_idempotency_key PRIMARY KEY (principal, key)
);
CREATE TABLE login_attempt (
  email text NOT NULL,
  address text NOT NULL,
  at timestamptz NOT NULL
);
CREATE INDEX ix_login_attempt_email ON login_attempt (email, at);
CREATE INDEX ix_login_attempt_address ON login_attempt (address, at);
CREATE TABLE usage_batch (
  id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_usage_batch PRIMARY KEY,
  gateway_id uuid NOT NULL CONSTRAINT fk_usage_batch_gateway REFERENCES gateway_credential,
  received_at timestamptz NOT NULL,
  size integer NOT NULL
);
CREATE TABLE usage_event (
  source text NOT NULL,
  event_id text NOT NULL,
  digest bytea NOT NULL CONSTRAINT ck_usage_event_digest CHECK (octet_length(digest) = 32),
  batch bigint NOT NULL CONSTRAINT fk_usage_event_batch REFERENCES usage_batch,
  time timestamptz NOT NULL,
  key_id uuid NOT NULL CONSTRAINT fk_usage_event_key REFERENCES api_key,
  organisation_id uuid NOT NULL,
  agreement_id uuid NOT NULL,
  agreement_version integer,
  campaign_id uuid NOT NULL,
  purpose text NOT NULL,
  model text NOT NULL,
  served_model text NOT NULL,
  endpoint text NOT NULL,
  run text,
  input_tokens bigint NOT NULL,
  cache_read_input_tokens bigint NOT NULL,
  cache_creation_input_tokens bigint NOT NULL,
  output_tokens bigint NOT NULL,
  reasoning_output_tokens bigint NOT NULL,
  status integer NOT NULL,
  client_ip text,
  authorization_state text NOT NULL,
  decision_id uuid,
  -- The identity of an event, for ever: a batch that arrives again finds itself here.
  CONSTRAINT pk_usage_event PRIMARY KEY (source, event_id)
);
CREATE INDEX ix_usage_event_agreement ON usage_event (agreement_id, time);
CREATE INDEX ix_usage_event_batch ON usage_event (batch);
-- One authorization is settled by one event, whatever the code believes.
CREATE UNIQUE INDEX uq_usage_event_settles ON usage_event (decision_id) WHERE authorization_state = 'settled';
CREATE TABLE usage_conflict (
  source text NOT NULL,
  event_id text NOT NULL,
  digest bytea NOT NULL,
  batch bigint NOT NULL CONSTRAINT fk_usage_conflict_batch REFERENCES usage_batch,
  time timestamptz NOT NULL,
  organisation_id uuid NOT NULL,
  agreement_id uuid NOT NULL,
  payload jsonb NOT NULL,
  CONSTRAINT pk_usage_conflict PRIMARY KEY (source, event_id, digest)
);
CREATE INDEX ix_usage_conflict_agreement ON usage_conflict (agreement_id, time);
CREATE TABLE usage_rollup (
  agreement_id uuid NOT NULL,
  -- 0 outside the term.
  agreement_version integer NOT NULL,
  campaign_id uuid NOT NULL,
  key_id uuid NOT NULL,
  model text NOT NULL,
  purpose text NOT NULL,
  hour timestamptz NOT NULL,
  organisation_id uuid NOT NULL,
  requests bigint NOT NULL,
  input_tokens bigint NOT NULL,
  output_tokens bigint NOT NULL,
  CONSTRAINT pk_usage_rollup PRIMARY KEY (agreement_id, agreement_version, campaign_id, key_id, model, purpose, hour)
);
`;

/** Tables whose every change must leave an audit entry in its own transaction. */
const audited = [
  'user_account',
  'invitation',
  'session',
  'gateway_credential',
  'partner_organisation',
  'agreement',
  'agreement_revision',
  'agreement_approval',
  'agreement_signature',
  'agreement_version',
  'suspension',
  'campaign',
  'roster_entry',
  'key_request',
  'api_key',
  'key_secret',
  'usage_batch',
  'finding',
  'statement',
];

/** Tables to which the application may only add. */
const appendOnly = [
  'audit_entry',
  'audit_detail',
  'agreement_revision',
  'agreement_approval',
  'agreement_signature',
  'agreement_version',
  'usage_batch',
  'usage_event',
  'usage_conflict',
  'statement',
];

/** Tables that the application inserts into and changes, and from which it deletes nothing. */
const changed = [
  ...audited.filter((table) => !appendOnly.includes(table)),
  'quota_window',
  'decision_record',
  'usage_rollup',
];

const guards = `
CREATE FUNCTION stamp_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.transaction := pg_current_xact_id()::text::bigint;
  RETURN NEW;
END $$;
CREATE TRIGGER stamp_transaction BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION stamp_transaction();

CREATE FUNCTION require_audit_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM audit_entry WHERE transaction = pg_current_xact_id()::text::bigint) THEN
    RAISE EXCEPTION 'a change of % must leave an audit entry in its own transaction', TG_TABLE_NAME
      USING ERRCODE = '23514', CONSTRAINT = 'unaudited_change';
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is never truncated', TG_TABLE_NAME USING ERRCODE = '23514', CONSTRAINT = 'never_truncated';
END $$;

CREATE FUNCTION refuse_author_as_approver() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM agreement_revision WHERE agreement_id = NEW.agreement_id AND author_id = NEW.approver_id) THEN
    RAISE EXCEPTION 'an author does not approve' USING ERRCODE = '23514', CONSTRAINT = 'separation_author_approver';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER separation_author_approver BEFORE INSERT ON agreement_approval
  FOR EACH ROW EXECUTE FUNCTION refuse_author_as_approver();

DO $$ BEGIN
  -- Looked for first: an owner who may not create roles is refused before PostgreSQL sees that it exists.
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'parley_app') THEN
    CREATE ROLE parley_app NOLOGIN;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$ BEGIN
  EXECUTE format('GRANT parley_app TO %I', current_user);
EXCEPTION WHEN OTHERS THEN
  -- Whoever manages the roles here has granted it already, or will see the service refuse to start without it.
  RAISE NOTICE '%', SQLERRM;
END $$;
GRANT USAGE ON SCHEMA public TO parley_app;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO parley_app;
GRANT INSERT, UPDATE, DELETE ON idempotency_key TO parley_app;
GRANT INSERT, DELETE ON login_attempt TO parley_app;
`;

/** The whole schema of the first release. */
export class Foundation1795334400000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(entityTables);
    await runner.query(plainTables);
    await runner.query(guards);
    for (const table of audited) {
      await runner.query(`CREATE CONSTRAINT TRIGGER unaudited_change AFTER INSERT OR UPDATE OR DELETE ON ${table}
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION require_audit_entry()`);
    }
    for (const table of new Set([...audited, ...appendOnly])) {
      await runner.query(`CREATE TRIGGER never_truncated BEFORE TRUNCATE ON ${table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()`);
    }
    await runner.query(`GRANT INSERT ON ${appendOnly.join(', ')} TO parley_app`);
    await runner.query(`GRANT INSERT, UPDATE ON ${changed.join(', ')} TO parley_app`);
  }

  async down(runner: QueryRunner): Promise<void> {
    const plain = ['usage_rollup', 'usage_conflict', 'usage_event', 'usage_batch', 'login_attempt', 'idempotency_key'];
    const tables = [...plain, ...new Set([...appendOnly, ...changed])];
    await runner.query(`DROP TABLE ${[...new Set(tables)].join(', ')} CASCADE`);
    await runner.query(
      `DROP FUNCTION stamp_transaction, require_audit_entry, refuse_truncate, refuse_author_as_approver`,
    );
  }
}
