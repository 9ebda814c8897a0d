import { MigrationInterface, QueryRunner } from 'typeorm';

const nodes = `
CREATE TABLE gateway_node (
  id uuid NOT NULL,
  name text NOT NULL,
  started_at timestamptz NOT NULL,
  seen_at timestamptz NOT NULL,
  position bigint NOT NULL,
  left_at timestamptz,
  CONSTRAINT pk_gateway_node PRIMARY KEY (id)
);
CREATE TABLE node_receipt (
  node_id uuid NOT NULL CONSTRAINT fk_node_receipt_node REFERENCES gateway_node,
  position bigint NOT NULL,
  applied_at timestamptz NOT NULL,
  CONSTRAINT pk_node_receipt PRIMARY KEY (node_id, position)
);
CREATE INDEX ix_node_receipt_position ON node_receipt (position);
GRANT SELECT, INSERT, UPDATE ON gateway_node TO parley_app;
GRANT SELECT, INSERT ON node_receipt TO parley_app;
`;

const leases = `
CREATE TABLE quota_lease (
  id uuid NOT NULL,
  window_id uuid NOT NULL CONSTRAINT fk_quota_lease_window REFERENCES quota_window,
  organisation_id uuid NOT NULL CONSTRAINT fk_quota_lease_organisation REFERENCES partner_organisation,
  node_id uuid NOT NULL CONSTRAINT fk_quota_lease_node REFERENCES gateway_node,
  granted bigint NOT NULL,
  spent bigint NOT NULL DEFAULT '0',
  state text NOT NULL DEFAULT 'open',
  opened_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  quarantined_at timestamptz,
  closed_at timestamptz,
  CONSTRAINT ck_quota_lease_counts CHECK (spent >= 0 AND spent <= granted),
  CONSTRAINT ck_quota_lease_state CHECK (state IN ('open', 'quarantined', 'closed')),
  CONSTRAINT ck_quota_lease_closed CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
  CONSTRAINT pk_quota_lease PRIMARY KEY (id)
) WITH (fillfactor = 50);
CREATE UNIQUE INDEX uq_quota_lease_open ON quota_lease (window_id, node_id) WHERE state = 'open';
CREATE INDEX ix_quota_lease_outstanding ON quota_lease (window_id) WHERE state <> 'closed';
GRANT SELECT, INSERT, UPDATE ON quota_lease TO parley_app;
`;

const decisions = `
ALTER TABLE decision_record
  ADD repeated integer NOT NULL DEFAULT 1,
  ADD assumed_at timestamptz,
  ADD CONSTRAINT ck_decision_record_repeated CHECK (repeated >= 1 AND (repeated = 1 OR code <> 'allowed'));
CREATE INDEX ix_decision_unreported ON decision_record (at)
  WHERE code = 'allowed' AND settled_at IS NULL AND assumed_at IS NULL;
`;

/** What told of thresholds is in the boundary events since they tell of them. */
const noThresholds = 'DROP TABLE IF EXISTS quota_threshold';

const undo = `
DROP INDEX ix_decision_unreported;
ALTER TABLE decision_record DROP repeated, DROP assumed_at;
DROP TABLE quota_lease;
DROP TABLE node_receipt;
DROP TABLE gateway_node;
`;

/** Quotas that are lent to gateway nodes, and the nodes that they are lent to. */
export class Leases1796025600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const part of [nodes, leases, decisions, noThresholds]) await runner.query(part);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(undo);
  }
}
