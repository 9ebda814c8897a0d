import { MigrationInterface, QueryRunner } from 'typeorm';

const obligations = `
CREATE TABLE obligation (
  id uuid NOT NULL,
  organisation_id uuid NOT NULL CONSTRAINT fk_obligation_organisation REFERENCES partner_organisation,
  agreement_id uuid NOT NULL CONSTRAINT fk_obligation_agreement REFERENCES agreement,
  version_number integer NOT NULL,
  kind text NOT NULL,
  term_id text NOT NULL,
  clause_ref text NOT NULL,
  campaign_id uuid CONSTRAINT fk_obligation_campaign REFERENCES campaign,
  discovered_at timestamptz,
  period_start timestamptz,
  period_end timestamptz,
  made_at timestamptz NOT NULL,
  due_at timestamptz NOT NULL,
  owner_id uuid CONSTRAINT fk_obligation_owner REFERENCES user_account,
  state text NOT NULL,
  return_reason text,
  decided_by text,
  decided_at timestamptz,
  waiver_proposed_by text,
  waiver_reason text,
  waived_by text,
  version integer NOT NULL,
  CONSTRAINT separation_obligation_waiver
    CHECK (waived_by IS NULL OR (waiver_proposed_by IS NOT NULL AND waived_by <> waiver_proposed_by)),
  CONSTRAINT ck_obligation_waived CHECK ((state = 'waived') = (waived_by IS NOT NULL)),
  CONSTRAINT ck_obligation_period CHECK ((period_start IS NULL) = (period_end IS NULL) AND period_start < period_end),
  CONSTRAINT pk_obligation PRIMARY KEY (id)
);
CREATE INDEX ix_obligation_agreement ON obligation (agreement_id, id);
CREATE INDEX ix_obligation_due ON obligation (due_at) WHERE state = 'open';
-- What is owed once cannot be made twice: per period, per campaign, or at the end of the agreement.
CREATE UNIQUE INDEX uq_obligation_period ON obligation (agreement_id, term_id, period_start)
  WHERE period_start IS NOT NULL;
CREATE UNIQUE INDEX uq_obligation_campaign ON obligation (agreement_id, term_id, campaign_id)
  WHERE campaign_id IS NOT NULL;
CREATE UNIQUE INDEX uq_obligation_end ON obligation (agreement_id, kind, term_id)
  WHERE period_start IS NULL AND campaign_id IS NULL AND discovered_at IS NULL;
CREATE TABLE obligation_submission (
  id uuid NOT NULL,
  obligation_id uuid NOT NULL CONSTRAINT fk_obligation_submission_obligation REFERENCES obligation,
  submitted_by text NOT NULL,
  submitter_name text NOT NULL,
  submitted_at timestamptz NOT NULL,
  statement text NOT NULL,
  attested boolean NOT NULL,
  document_digest text,
  link text,
  CONSTRAINT pk_obligation_submission PRIMARY KEY (id)
);
CREATE INDEX ix_obligation_submission_obligation ON obligation_submission (obligation_id, id);
`;

const publications = `
CREATE TABLE publication_review (
  id uuid NOT NULL,
  organisation_id uuid NOT NULL CONSTRAINT fk_publication_review_organisation REFERENCES partner_organisation,
  agreement_id uuid NOT NULL CONSTRAINT fk_publication_review_agreement REFERENCES agreement,
  version_number integer NOT NULL,
  title text NOT NULL,
  manuscript_digest text NOT NULL,
  link text,
  previous_review_id uuid CONSTRAINT fk_publication_review_previous REFERENCES publication_review,
  state text NOT NULL,
  submitted_by text NOT NULL,
  submitted_at timestamptz NOT NULL,
  review_by timestamptz NOT NULL,
  extended_at timestamptz,
  extension_reason text,
  decided_at timestamptz,
  version integer NOT NULL,
  CONSTRAINT ck_publication_review_extension CHECK ((extended_at IS NULL) = (extension_reason IS NULL)),
  CONSTRAINT ck_publication_review_decided CHECK ((state IN ('cleared', 'withdrawn')) = (decided_at IS NOT NULL)),
  CONSTRAINT pk_publication_review PRIMARY KEY (id)
);
CREATE INDEX ix_publication_review_agreement ON publication_review (agreement_id, id);
CREATE INDEX ix_publication_review_running ON publication_review (review_by) WHERE state = 'under_review';
CREATE TABLE publication_objection (
  id uuid NOT NULL,
  review_id uuid NOT NULL CONSTRAINT fk_publication_objection_review REFERENCES publication_review,
  ground text NOT NULL,
  passage text NOT NULL,
  detail text NOT NULL,
  objected_by text NOT NULL,
  objected_at timestamptz NOT NULL,
  CONSTRAINT pk_publication_objection PRIMARY KEY (id)
);
CREATE INDEX ix_publication_objection_review ON publication_objection (review_id, id);
`;

/** The tables, each after those that it refers to. Every change of one leaves an audit entry in its transaction. */
const audited = ['obligation', 'obligation_submission', 'publication_review', 'publication_objection'];

/** Of those, the ones to which the application may only add. */
const appendOnly = ['obligation_submission', 'publication_objection'];

/** What is owed under the terms, and the review of what is to be published. */
export class Obligations1795593600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(obligations);
    await runner.query(publications);
    for (const table of audited) {
      await runner.query(`CREATE CONSTRAINT TRIGGER unaudited_change AFTER INSERT OR UPDATE OR DELETE ON ${table}
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION require_audit_entry()`);
      await runner.query(`CREATE TRIGGER never_truncated BEFORE TRUNCATE ON ${table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()`);
      const rights = appendOnly.includes(table) ? 'SELECT, INSERT' : 'SELECT, INSERT, UPDATE';
      await runner.query(`GRANT ${rights} ON ${table} TO parley_app`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE ${audited.toReversed().join(', ')}`);
  }
}
