import { MigrationInterface, QueryRunner } from 'typeorm';

const assumed = `
ALTER TABLE quota_window
  ADD assumed bigint NOT NULL DEFAULT '0',
  ADD CONSTRAINT ck_quota_window_assumed CHECK (assumed >= 0 AND assumed <= used + overrun);
ALTER TABLE quota_bucket
  ADD assumed bigint NOT NULL DEFAULT '0',
  ADD CONSTRAINT ck_quota_bucket_assumed CHECK (assumed >= 0 AND assumed <= used);
CREATE INDEX ix_finding_unaccounted ON finding (subject_id) WHERE rule = 'usage_unaccounted' AND delta > 0;
`;

const undo = `
DROP INDEX ix_finding_unaccounted;
ALTER TABLE quota_bucket DROP assumed;
ALTER TABLE quota_window DROP assumed;
`;

/** Use that is taken for granted until it is reported, and the findings about leases that nobody accounts for. */
export class AssumedUse1796025600002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(assumed);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(undo);
  }
}
