import { MigrationInterface, QueryRunner } from 'typeorm';

/** What negotiated texts gained: turns, rounds, ends. What is there already is brought to where it stands. */
const texts = `
ALTER TABLE agreement
  ADD COLUMN head_side text NOT NULL DEFAULT 'lab',
  ADD COLUMN turn text,
  ADD COLUMN round integer NOT NULL DEFAULT 0,
  ADD COLUMN sign_by timestamptz,
  ADD COLUMN supersedes_id uuid CONSTRAINT fk_agreement_supersedes REFERENCES agreement,
  ADD COLUMN ended_at timestamptz,
  ADD CONSTRAINT ck_agreement_end CHECK ((state IN ('terminated', 'superseded')) = (ended_at IS NOT NULL));
ALTER TABLE agreement ALTER COLUMN head_side DROP DEFAULT, ALTER COLUMN round DROP DEFAULT;
CREATE UNIQUE INDEX uq_agreement_successor ON agreement (supersedes_id)
  WHERE supersedes_id IS NOT NULL AND state NOT IN ('withdrawn', 'declined', 'lapsed');
UPDATE agreement SET turn = 'partner' WHERE state = 'in_negotiation';
UPDATE agreement SET round = 1 WHERE state <> 'draft';

CREATE TABLE amendment (
  id uuid NOT NULL,
  agreement_id uuid NOT NULL CONSTRAINT fk_amendment_agreement REFERENCES agreement,
  organisation_id uuid NOT NULL CONSTRAINT fk_amendment_organisation REFERENCES partner_organisation,
  kind text NOT NULL,
  state text NOT NULL,
  base_number integer NOT NULL,
  base_digest text NOT NULL,
  effective_from timestamptz NOT NULL,
  rationale text NOT NULL,
  head_number integer NOT NULL,
  head_digest text NOT NULL,
  head_side text NOT NULL,
  turn text,
  round integer NOT NULL,
  sign_by timestamptz,
  proposed_number integer,
  created_at timestamptz NOT NULL,
  version integer NOT NULL,
  CONSTRAINT ck_amendment_kind CHECK (kind IN ('material', 'administrative', 'protective')),
  CONSTRAINT pk_amendment PRIMARY KEY (id)
);
CREATE INDEX ix_amendment_agreement ON amendment (agreement_id, id);
`;

/** Approvals, signatures and revisions are of one text in one round; a reopened text is signed anew. */
const evidence = `
ALTER TABLE agreement_revision
  ADD COLUMN text_id uuid,
  ADD COLUMN author_side text NOT NULL DEFAULT 'lab',
  ADD COLUMN message text;
UPDATE agreement_revision SET text_id = agreement_id;
ALTER TABLE agreement_revision ALTER COLUMN text_id SET NOT NULL, ALTER COLUMN author_side DROP DEFAULT;
DROP INDEX uq_agreement_revision_number;
CREATE UNIQUE INDEX uq_agreement_revision_number ON agreement_revision (text_id, number);

CREATE TABLE approval_delegation (
  id uuid NOT NULL,
  stage text NOT NULL,
  delegator_id text NOT NULL,
  delegator_name text NOT NULL,
  delegate_id text NOT NULL,
  "from" timestamptz NOT NULL,
  until timestamptz NOT NULL,
  reason text NOT NULL,
  created_at timestamptz NOT NULL,
  revoked_at timestamptz,
  version integer NOT NULL,
  CONSTRAINT separation_delegation CHECK (delegate_id <> delegator_id),
  CONSTRAINT ck_approval_delegation_window CHECK ("from" < until),
  CONSTRAINT pk_approval_delegation PRIMARY KEY (id)
);
CREATE INDEX ix_approval_delegation_delegate ON approval_delegation (delegate_id, until);

ALTER TABLE agreement_approval
  ADD COLUMN text_id uuid,
  ADD COLUMN round integer NOT NULL DEFAULT 1,
  ADD COLUMN on_behalf_of text,
  ADD COLUMN delegation_id uuid CONSTRAINT fk_agreement_approval_delegation REFERENCES approval_delegation;
-- Approvals of texts that were replaced since are void: each such text gets a round of its own below the first.
UPDATE agreement_approval p SET text_id = p.agreement_id, round = CASE WHEN p.digest = a.head_digest THEN 1
  ELSE -(SELECT max(number) FROM agreement_revision r WHERE r.agreement_id = p.agreement_id AND r.digest = p.digest) END
  FROM agreement a WHERE a.id = p.agreement_id;
ALTER TABLE agreement_approval ALTER COLUMN text_id SET NOT NULL, ALTER COLUMN round DROP DEFAULT;
DROP INDEX uq_agreement_approval_stage, uq_agreement_approval_person;
CREATE UNIQUE INDEX uq_agreement_approval_stage ON agreement_approval (text_id, round, stage);
CREATE UNIQUE INDEX uq_agreement_approval_person ON agreement_approval (text_id, round, approver_id);

ALTER TABLE agreement_signature
  ADD COLUMN text_id uuid,
  ADD COLUMN round integer NOT NULL DEFAULT 1,
  ADD COLUMN jws text,
  ADD COLUMN signing_key_id uuid CONSTRAINT fk_agreement_signature_key REFERENCES partner_signing_key,
  ALTER COLUMN title DROP NOT NULL,
  ALTER COLUMN statements_version DROP NOT NULL,
  ALTER COLUMN statements_digest DROP NOT NULL;
UPDATE agreement_signature SET text_id = agreement_id;
ALTER TABLE agreement_signature ALTER COLUMN text_id SET NOT NULL, ALTER COLUMN round DROP DEFAULT;
DROP INDEX uq_agreement_signature_party;
CREATE UNIQUE INDEX uq_agreement_signature_party ON agreement_signature (text_id, round, party);

ALTER TABLE agreement_version
  ADD COLUMN kind text NOT NULL DEFAULT 'original',
  ADD COLUMN text_id uuid,
  ADD COLUMN round integer NOT NULL DEFAULT 1,
  ADD COLUMN effective_from timestamptz;
UPDATE agreement_version SET text_id = agreement_id,
  effective_from = greatest(executed_at, (terms #>> '{term,effectiveFrom}')::timestamptz);
ALTER TABLE agreement_version
  ALTER COLUMN kind DROP DEFAULT, ALTER COLUMN round DROP DEFAULT,
  ALTER COLUMN text_id SET NOT NULL, ALTER COLUMN effective_from SET NOT NULL,
  ADD CONSTRAINT ck_agreement_version_forward CHECK (effective_from >= executed_at);
`;

const life = `
CREATE TABLE text_transition (
  id uuid NOT NULL,
  agreement_id uuid NOT NULL CONSTRAINT fk_text_transition_agreement REFERENCES agreement,
  text_id uuid NOT NULL,
  at timestamptz NOT NULL,
  command text NOT NULL,
  from_state text,
  to_state text NOT NULL,
  actor_id text NOT NULL,
  actor_name text NOT NULL,
  actor_side text NOT NULL,
  reason text,
  shown boolean NOT NULL,
  CONSTRAINT pk_text_transition PRIMARY KEY (id)
);
CREATE INDEX ix_text_transition_text ON text_transition (text_id, id);
CREATE TABLE clause_comment (
  id uuid NOT NULL,
  agreement_id uuid NOT NULL CONSTRAINT fk_clause_comment_agreement REFERENCES agreement,
  text_id uuid NOT NULL,
  revision_number integer NOT NULL,
  clause_id text NOT NULL,
  body text NOT NULL,
  audience text NOT NULL,
  author_id text NOT NULL,
  author_name text NOT NULL,
  author_side text NOT NULL,
  at timestamptz NOT NULL,
  CONSTRAINT pk_clause_comment PRIMARY KEY (id)
);
CREATE INDEX ix_clause_comment_text ON clause_comment (text_id, id);
CREATE TABLE notice (
  id uuid NOT NULL,
  organisation_id uuid NOT NULL CONSTRAINT fk_notice_organisation REFERENCES partner_organisation,
  agreement_id uuid NOT NULL CONSTRAINT fk_notice_agreement REFERENCES agreement,
  kind text NOT NULL,
  state text NOT NULL,
  served_side text NOT NULL,
  served_by text NOT NULL,
  served_at timestamptz NOT NULL,
  addresses text[] NOT NULL,
  clause_ref text NOT NULL,
  prohibited_use text,
  body text NOT NULL,
  deemed_received_at timestamptz NOT NULL,
  acknowledged_at timestamptz,
  cure_days integer,
  remedy text,
  remedied_by text,
  decided_by text,
  decided_at timestamptz,
  decision text,
  version integer NOT NULL,
  CONSTRAINT separation_notice_remedy CHECK (decided_by IS NULL OR decided_by <> remedied_by),
  CONSTRAINT ck_notice_breach CHECK ((kind = 'breach') = (cure_days IS NOT NULL)),
  CONSTRAINT pk_notice PRIMARY KEY (id)
);
CREATE INDEX ix_notice_agreement ON notice (agreement_id, id);
CREATE TABLE termination (
  id uuid NOT NULL,
  organisation_id uuid NOT NULL CONSTRAINT fk_termination_organisation REFERENCES partner_organisation,
  agreement_id uuid NOT NULL CONSTRAINT fk_termination_agreement REFERENCES agreement,
  kind text NOT NULL,
  state text NOT NULL,
  notice_id uuid CONSTRAINT fk_termination_notice REFERENCES notice,
  reason text NOT NULL,
  proposed_by text NOT NULL,
  proposed_side text NOT NULL,
  proposed_at timestamptz NOT NULL,
  confirmed_by text,
  confirmed_at timestamptz,
  version integer NOT NULL,
  CONSTRAINT separation_termination CHECK (confirmed_by IS NULL OR confirmed_by <> proposed_by),
  CONSTRAINT ck_termination_confirmed CHECK ((state = 'confirmed') = (confirmed_by IS NOT NULL)),
  CONSTRAINT ck_termination_notice CHECK ((kind = 'mutual') = (notice_id IS NULL)),
  CONSTRAINT pk_termination PRIMARY KEY (id)
);
CREATE INDEX ix_termination_agreement ON termination (agreement_id, id);
CREATE UNIQUE INDEX uq_termination_confirmed ON termination (agreement_id) WHERE state = 'confirmed';
CREATE TABLE boundary_event (
  subject_kind text NOT NULL,
  subject_id uuid NOT NULL,
  event text NOT NULL,
  boundary timestamptz NOT NULL,
  told_at timestamptz NOT NULL,
  CONSTRAINT pk_boundary_event PRIMARY KEY (subject_kind, subject_id, event, boundary)
);

`;

/**
 * What stood before the history was kept: each agreement's first draft, and the state that it is in, from the last fact
 * that is known of it. Ids are made of the instant, as those of the program are, so that they sort by time.
 */
const history = `
WITH known AS (
  SELECT a.id, a.state, a.created_at, a.proposed_number IS NOT NULL AS shown, greatest(a.created_at,
    (SELECT max(executed_at) FROM agreement_version WHERE agreement_id = a.id),
    (SELECT max(signed_at) FROM agreement_signature WHERE agreement_id = a.id),
    (SELECT max(approved_at) FROM agreement_approval WHERE agreement_id = a.id),
    (SELECT max(created_at) FROM agreement_revision WHERE agreement_id = a.id)) AS reached_at
  FROM agreement a
), moves AS (
  SELECT id, created_at AS at, 'create' AS command, NULL AS from_state, 'draft' AS to_state, false AS shown, '0' AS step
  FROM known
  UNION ALL
  SELECT id, reached_at, 'carried_over', 'draft', state, shown, '1' FROM known WHERE state <> 'draft'
)
INSERT INTO text_transition
SELECT (substr(millisecond, 1, 8) || '-' || substr(millisecond, 9, 4) || '-700' || step || '-8000-' || right(id::text, 12))::uuid,
  id, id, at, command, from_state, to_state, 'system', 'Parley', 'machine', NULL, shown
FROM (SELECT *, lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') AS millisecond FROM moves) dated;
`;

const guards = `
-- Texts are agreements and amendments, so no foreign key can say where a row of one belongs; this does.
CREATE FUNCTION require_text() RETURNS trigger LANGUAGE plpgsql
  SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.text_id <> NEW.agreement_id
    AND NOT EXISTS (SELECT FROM amendment WHERE id = NEW.text_id AND agreement_id = NEW.agreement_id) THEN
    RAISE EXCEPTION '% is no text of agreement %', NEW.text_id, NEW.agreement_id
      USING ERRCODE = '23503', CONSTRAINT = 'fk_text';
  END IF;
  RETURN NULL;
END $$;

-- An author approves neither in person nor behind a delegation, and nobody's word counts twice.
CREATE OR REPLACE FUNCTION refuse_author_as_approver() RETURNS trigger LANGUAGE plpgsql
  SET search_path = public, pg_temp AS $$
BEGIN
  -- Whoever writes or approves at the same moment is waited for, so that neither decides without the other.
  PERFORM FROM agreement WHERE id = NEW.agreement_id FOR NO KEY UPDATE;
  IF EXISTS (SELECT FROM agreement_revision
    WHERE text_id = NEW.text_id AND author_id IN (NEW.approver_id, NEW.on_behalf_of)) THEN
    RAISE EXCEPTION 'an author does not approve' USING ERRCODE = '23514', CONSTRAINT = 'separation_author_approver';
  END IF;
  IF EXISTS (SELECT FROM agreement_approval WHERE text_id = NEW.text_id AND round = NEW.round
    AND (on_behalf_of IN (NEW.approver_id, NEW.on_behalf_of) OR approver_id = NEW.on_behalf_of)) THEN
    RAISE EXCEPTION 'nobody approves twice' USING ERRCODE = '23514', CONSTRAINT = 'separation_one_word_each';
  END IF;
  RETURN NEW;
END $$;

-- What was executed has had its last revision.
CREATE FUNCTION refuse_revision_of_signed() RETURNS trigger LANGUAGE plpgsql
  SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM FROM agreement WHERE id = NEW.agreement_id FOR NO KEY UPDATE;
  IF EXISTS (SELECT FROM agreement_version WHERE text_id = NEW.text_id) THEN
    RAISE EXCEPTION 'a signed text is not revised' USING ERRCODE = '23514', CONSTRAINT = 'signed_text_stands';
  END IF;
  RETURN NEW;
END $$;

-- What was accepted is what is approved, signed and executed.
CREATE FUNCTION refuse_changed_head() RETURNS trigger LANGUAGE plpgsql
  SET search_path = public, pg_temp AS $$
BEGIN
  IF (NEW.head_number, NEW.head_digest) IS DISTINCT FROM (OLD.head_number, OLD.head_digest)
    AND OLD.state NOT IN ('draft', 'in_negotiation') THEN
    RAISE EXCEPTION 'a text that is % is not changed', OLD.state
      USING ERRCODE = '23514', CONSTRAINT = 'accepted_text_stands';
  END IF;
  RETURN NEW;
END $$;

-- Versions tile the term, and each has the signatures that its kind asks for.
CREATE FUNCTION refuse_bad_version() RETURNS trigger LANGUAGE plpgsql
  SET search_path = public, pg_temp AS $$
DECLARE last agreement_version;
BEGIN
  SELECT * INTO last FROM agreement_version WHERE agreement_id = NEW.agreement_id ORDER BY number DESC LIMIT 1;
  IF NEW.number <> coalesce(last.number, 0) + 1 OR NEW.effective_from <= last.effective_from THEN
    RAISE EXCEPTION 'version % does not follow version %', NEW.number, last.number
      USING ERRCODE = '23514', CONSTRAINT = 'versions_tile';
  END IF;
  IF NOT EXISTS (
    SELECT FROM agreement WHERE id = NEW.text_id AND id = NEW.agreement_id AND NEW.kind = 'original'
      AND state = 'out_for_signature' AND head_digest = NEW.digest AND round = NEW.round
    UNION ALL
    SELECT FROM amendment WHERE id = NEW.text_id AND agreement_id = NEW.agreement_id AND kind = NEW.kind
      AND state = 'out_for_signature' AND head_digest = NEW.digest AND round = NEW.round)
    OR NOT EXISTS (SELECT FROM agreement_revision WHERE text_id = NEW.text_id AND digest = NEW.digest) THEN
    RAISE EXCEPTION 'a version is of the accepted text, while it is out for signature'
      USING ERRCODE = '23514', CONSTRAINT = 'version_of_accepted_text';
  END IF;
  IF (NEW.kind IN ('original', 'material', 'administrative') AND NOT EXISTS (SELECT FROM agreement_signature
      WHERE text_id = NEW.text_id AND round = NEW.round AND digest = NEW.digest AND party = 'evaluator'))
    OR (NEW.kind <> 'administrative' AND NOT EXISTS (SELECT FROM agreement_signature
      WHERE text_id = NEW.text_id AND round = NEW.round AND digest = NEW.digest AND party = 'provider'))
    OR NOT EXISTS (SELECT FROM agreement_approval
      WHERE text_id = NEW.text_id AND round = NEW.round AND digest = NEW.digest) THEN
    RAISE EXCEPTION 'a version needs the approvals and signatures of its own digest'
      USING ERRCODE = '23514', CONSTRAINT = 'version_signed';
  END IF;
  RETURN NEW;
END $$;

-- A session's own temporary tables must not stand in for the ones that the guards look into.
ALTER FUNCTION stamp_transaction() SET search_path = public, pg_temp;
ALTER FUNCTION require_audit_entry() SET search_path = public, pg_temp;
ALTER FUNCTION refuse_truncate() SET search_path = public, pg_temp;

CREATE TRIGGER signed_text_stands BEFORE INSERT ON agreement_revision
  FOR EACH ROW EXECUTE FUNCTION refuse_revision_of_signed();
CREATE TRIGGER accepted_text_stands BEFORE UPDATE ON agreement FOR EACH ROW EXECUTE FUNCTION refuse_changed_head();
CREATE TRIGGER accepted_text_stands BEFORE UPDATE ON amendment FOR EACH ROW EXECUTE FUNCTION refuse_changed_head();
CREATE TRIGGER versions_tile BEFORE INSERT ON agreement_version FOR EACH ROW EXECUTE FUNCTION refuse_bad_version();
`;

const undo = `
DO $$ BEGIN
  IF EXISTS (SELECT FROM text_transition) THEN
    RAISE EXCEPTION 'what was agreed since would be lost';
  END IF;
END $$;
DROP TABLE amendment, text_transition, clause_comment, termination, notice, boundary_event;
DROP TRIGGER accepted_text_stands ON agreement;
DROP TRIGGER signed_text_stands ON agreement_revision;
DROP TRIGGER versions_tile ON agreement_version;
DROP TRIGGER fk_text ON agreement_revision;
DROP TRIGGER fk_text ON agreement_approval;
DROP TRIGGER fk_text ON agreement_signature;
ALTER FUNCTION stamp_transaction() RESET search_path;
ALTER FUNCTION require_audit_entry() RESET search_path;
ALTER FUNCTION refuse_truncate() RESET search_path;
DROP FUNCTION require_text, refuse_revision_of_signed, refuse_changed_head, refuse_bad_version;
CREATE OR REPLACE FUNCTION refuse_author_as_approver() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM agreement_revision WHERE agreement_id = NEW.agreement_id AND author_id = NEW.approver_id) THEN
    RAISE EXCEPTION 'an author does not approve' USING ERRCODE = '23514', CONSTRAINT = 'separation_author_approver';
  END IF;
  RETURN NEW;
END $$;
ALTER TABLE agreement
  DROP COLUMN head_side, DROP COLUMN turn, DROP COLUMN round, DROP COLUMN sign_by, DROP COLUMN supersedes_id,
  DROP COLUMN ended_at;
ALTER TABLE agreement_revision DROP COLUMN text_id, DROP COLUMN author_side, DROP COLUMN message;
ALTER TABLE agreement_approval
  DROP COLUMN text_id, DROP COLUMN round, DROP COLUMN on_behalf_of, DROP COLUMN delegation_id;
ALTER TABLE agreement_signature
  DROP COLUMN text_id, DROP COLUMN round, DROP COLUMN jws, DROP COLUMN signing_key_id,
  ALTER COLUMN title SET NOT NULL,
  ALTER COLUMN statements_version SET NOT NULL,
  ALTER COLUMN statements_digest SET NOT NULL;
ALTER TABLE agreement_version
  DROP COLUMN kind, DROP COLUMN text_id, DROP COLUMN round, DROP COLUMN effective_from;
DROP TABLE approval_delegation;
CREATE UNIQUE INDEX uq_agreement_revision_number ON agreement_revision (agreement_id, number);
CREATE UNIQUE INDEX uq_agreement_approval_stage ON agreement_approval (agreement_id, digest, stage);
CREATE UNIQUE INDEX uq_agreement_approval_person ON agreement_approval (agreement_id, digest, approver_id);
CREATE UNIQUE INDEX uq_agreement_signature_party ON agreement_signature (agreement_id, digest, party);
`;

/** Tables of rows that belong to a text. A version is held to its text by its own guard. */
const ofTexts = [
  'agreement_revision',
  'agreement_approval',
  'agreement_signature',
  'text_transition',
  'clause_comment',
];

/** New tables whose every change must leave an audit entry in its own transaction; all of this migration's. */
const audited = [
  'amendment',
  'approval_delegation',
  'text_transition',
  'clause_comment',
  'notice',
  'termination',
  'boundary_event',
];

/** Of those, the ones to which the application may only add. */
const appendOnly = ['text_transition', 'clause_comment', 'boundary_event'];

/** Tables that hold rows already, whose triggers would ask for an audit entry of what a migration brings up to date. */
const carriedOver = [
  'agreement',
  'agreement_revision',
  'agreement_approval',
  'agreement_signature',
  'agreement_version',
];

/** The whole life of a contract: rounds of negotiation, amendments, delegation, history, notices and endings. */
export class ContractLife1795507200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of carriedOver) await runner.query(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
    for (const part of [texts, evidence, life, history, guards]) await runner.query(part);
    for (const table of carriedOver) await runner.query(`ALTER TABLE ${table} ENABLE TRIGGER USER`);
    for (const table of ofTexts) {
      await runner.query(`CREATE CONSTRAINT TRIGGER fk_text AFTER INSERT ON ${table}
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION require_text()`);
    }
    for (const table of audited) {
      await runner.query(`CREATE CONSTRAINT TRIGGER unaudited_change AFTER INSERT OR UPDATE OR DELETE ON ${table}
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION require_audit_entry()`);
      await runner.query(`CREATE TRIGGER never_truncated BEFORE TRUNCATE ON ${table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()`);
      const rights = appendOnly.includes(table) ? 'SELECT, INSERT' : 'SELECT, INSERT, UPDATE';
      await runner.query(`GRANT ${rights} ON ${table} TO parley_app`);
    }
  }

  /** Only an empty database goes back: the earlier schema has no place for rounds, amendments and endings. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(undo);
  }
}
