import { MigrationInterface, QueryRunner } from 'typeorm';

const tables = `
CREATE TABLE partner_contact (
  id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  kind text NOT NULL,
  name text NOT NULL,
  email text NOT NULL,
  added_by text NOT NULL,
  added_at timestamptz NOT NULL,
  removed_at timestamptz,
  CONSTRAINT pk_partner_contact PRIMARY KEY (id)
);
CREATE INDEX ix_partner_contact_organisation ON partner_contact (organisation_id, id);
CREATE UNIQUE INDEX uq_partner_contact_in_force ON partner_contact (organisation_id, kind, email) WHERE removed_at IS NULL;
CREATE TABLE partner_check (
  id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  number integer NOT NULL,
  kind text NOT NULL,
  outcome text NOT NULL,
  source text NOT NULL,
  note text,
  checked_by text NOT NULL,
  checked_at timestamptz NOT NULL,
  CONSTRAINT ck_partner_check_outcome CHECK (outcome IN ('clear', 'accepted_risk', 'blocked')),
  CONSTRAINT ck_partner_check_kind CHECK (kind IN ('sanctions', 'conflict')),
  CONSTRAINT pk_partner_check PRIMARY KEY (id)
);
CREATE UNIQUE INDEX uq_partner_check_number ON partner_check (organisation_id, number);
CREATE TABLE partner_signing_key (
  id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  label text NOT NULL,
  public_key text NOT NULL,
  key_id text NOT NULL,
  state text NOT NULL,
  registered_by text NOT NULL,
  registered_at timestamptz NOT NULL,
  challenge text NOT NULL,
  proved_at timestamptz,
  first_approved_by text,
  second_approved_by text,
  active_at timestamptz,
  replaces_id uuid,
  ended_at timestamptz,
  end_reason text,
  version integer NOT NULL,
  CONSTRAINT separation_signing_key_active CHECK (state NOT IN ('active', 'replaced') OR second_approved_by IS NOT NULL),
  CONSTRAINT separation_signing_key_second CHECK (second_approved_by IS NULL OR (first_approved_by IS NOT NULL AND second_approved_by <> first_approved_by AND second_approved_by <> registered_by)),
  CONSTRAINT separation_signing_key_first CHECK (first_approved_by IS NULL OR first_approved_by <> registered_by),
  CONSTRAINT ck_partner_signing_key_end CHECK ((state IN ('replaced', 'revoked')) = (ended_at IS NOT NULL)),
  CONSTRAINT ck_partner_signing_key_active CHECK ((second_approved_by IS NULL) = (active_at IS NULL)),
  CONSTRAINT ck_partner_signing_key_proof CHECK (first_approved_by IS NULL OR proved_at IS NOT NULL),
  CONSTRAINT pk_partner_signing_key PRIMARY KEY (id)
);
CREATE INDEX ix_partner_signing_key_organisation ON partner_signing_key (organisation_id, id);
CREATE UNIQUE INDEX uq_partner_signing_key_key_id ON partner_signing_key (organisation_id, key_id) WHERE proved_at IS NOT NULL;

ALTER TABLE partner_organisation ADD COLUMN networks text[] NOT NULL DEFAULT '{}', ADD COLUMN ended_at timestamptz,
  ADD COLUMN end_reason text,
  ADD CONSTRAINT ck_partner_organisation_end CHECK ((ended_at IS NULL) = (end_reason IS NULL));
ALTER TABLE partner_organisation ALTER COLUMN networks DROP DEFAULT;

ALTER TABLE partner_contact ADD CONSTRAINT fk_partner_contact_organisation FOREIGN KEY (organisation_id) REFERENCES partner_organisation(id);
ALTER TABLE partner_check ADD CONSTRAINT fk_partner_check_organisation FOREIGN KEY (organisation_id) REFERENCES partner_organisation(id);
ALTER TABLE partner_signing_key ADD CONSTRAINT fk_partner_signing_key_organisation FOREIGN KEY (organisation_id) REFERENCES partner_organisation(id);
ALTER TABLE partner_signing_key ADD CONSTRAINT fk_partner_signing_key_replaces FOREIGN KEY (replaces_id) REFERENCES partner_signing_key(id);
`;

/**
 * A UUID version 7 of an instant whose counter is a number from 1 to 4095, so that what is carried over sorts as it
 * stood. Written here because the function of that name is not in every PostgreSQL that we serve.
 */
function uuid7(at: string, counter: string): string {
  const millisecond = `substring(int8send((extract(epoch FROM ${at}) * 1000)::bigint) FROM 3)`;
  const stamped = `overlay(uuid_send(gen_random_uuid()) PLACING ${millisecond} FROM 1 FOR 6)`;
  return `encode(overlay(${stamped} PLACING int2send((28672 + ${counter})::smallint) FROM 7 FOR 2), 'hex')::uuid`;
}

/**
 * Contacts and checks leave their columns for rows. Who entered the contacts, and when, is what the log says; of two
 * that name one address for the same thing the first is kept, since only one may be in force.
 */
const carryOver = `
INSERT INTO partner_contact (id, organisation_id, kind, name, email, added_by, added_at)
SELECT ${uuid7('added_at', 'place')}, organisation_id, kind, name, email, added_by, added_at FROM (
  SELECT DISTINCT ON (p.id, c.value->>'kind', c.value->>'email') p.id AS organisation_id, c.ordinality AS place,
    c.value->>'kind' AS kind, c.value->>'name' AS name, c.value->>'email' AS email,
    coalesce(e.actor_id, 'system') AS added_by, coalesce(e.at, p.created_at) AS added_at
  FROM partner_organisation p CROSS JOIN jsonb_array_elements(p.contacts) WITH ORDINALITY c
  LEFT JOIN LATERAL (SELECT actor_id, at FROM audit_entry WHERE log = 'organisation:' || p.id
    AND subject_id = p.id::text AND action IN ('partner.entered', 'partner.revised') ORDER BY id DESC LIMIT 1) e ON true
  ORDER BY p.id, c.value->>'kind', c.value->>'email', c.ordinality
) contact;
INSERT INTO partner_check (id, organisation_id, number, kind, outcome, source, checked_by, checked_at)
SELECT ${uuid7("(due_diligence->>'checkedAt')::timestamptz", 'number')}, p.id, number, kind,
  due_diligence->kind->>'outcome', due_diligence->kind->>'source', due_diligence->>'checkedBy',
  (due_diligence->>'checkedAt')::timestamptz
FROM partner_organisation p CROSS JOIN (VALUES (1, 'sanctions'), (2, 'conflict')) k (number, kind)
WHERE due_diligence IS NOT NULL;
ALTER TABLE partner_organisation DROP COLUMN contacts, DROP COLUMN due_diligence;
`;

/** Puts back what the columns held; the history of both stays in the audit log. */
const carryBack = `
ALTER TABLE partner_organisation ADD COLUMN contacts jsonb, ADD COLUMN due_diligence jsonb;
-- The copy is no change of anybody's, so the trigger that asks for an audit entry is out for as long as it takes.
ALTER TABLE partner_organisation DISABLE TRIGGER USER;
UPDATE partner_organisation p SET contacts = coalesce((
  SELECT jsonb_agg(jsonb_build_object('kind', kind, 'name', name, 'email', email) ORDER BY id)
  FROM partner_contact WHERE organisation_id = p.id AND removed_at IS NULL), '[]');
UPDATE partner_organisation p SET due_diligence = jsonb_build_object(
  'sanctions', jsonb_build_object('outcome', s.outcome, 'source', s.source),
  'conflict', jsonb_build_object('outcome', c.outcome, 'source', c.source),
  'checkedBy', CASE WHEN s.number > c.number THEN s.checked_by ELSE c.checked_by END,
  'checkedAt', to_char((CASE WHEN s.number > c.number THEN s.checked_at ELSE c.checked_at END) AT TIME ZONE 'UTC',
    'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
FROM (SELECT DISTINCT ON (organisation_id) * FROM partner_check WHERE kind = 'sanctions'
    ORDER BY organisation_id, number DESC) s
  JOIN (SELECT DISTINCT ON (organisation_id) * FROM partner_check WHERE kind = 'conflict'
    ORDER BY organisation_id, number DESC) c USING (organisation_id)
WHERE s.organisation_id = p.id;
ALTER TABLE partner_organisation ENABLE TRIGGER USER;
ALTER TABLE partner_organisation ALTER COLUMN contacts SET NOT NULL, DROP CONSTRAINT ck_partner_organisation_end,
  DROP COLUMN networks, DROP COLUMN ended_at, DROP COLUMN end_reason;
DROP TABLE partner_contact, partner_check, partner_signing_key;
`;

/** The whole life of a partner organisation: contacts and checks as rows, networks, signing keys, and its ends. */
export class Partners1795420800000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(tables);
    await runner.query(carryOver);
    // Only now: what was carried over is no change of anybody's, and leaves no entry.
    for (const table of ['partner_contact', 'partner_check', 'partner_signing_key']) {
      await runner.query(`CREATE CONSTRAINT TRIGGER unaudited_change AFTER INSERT OR UPDATE OR DELETE ON ${table}
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION require_audit_entry()`);
      await runner.query(`CREATE TRIGGER never_truncated BEFORE TRUNCATE ON ${table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()`);
    }
    await runner.query('GRANT SELECT, INSERT ON partner_check TO parley_app');
    await runner.query('GRANT SELECT, INSERT, UPDATE ON partner_contact, partner_signing_key TO parley_app');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(carryBack);
  }
}
