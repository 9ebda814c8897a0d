import { MigrationInterface, QueryRunner } from 'typeorm';

/** What of the function this changes. */
type Parts = Record<'campaigns' | 'prices' | 'given' | 'moved', string>;

const before: Parts = {
  campaigns: `
      -- Nothing is admitted under one that is not active, so what becomes of it before and after bears on nothing.
      IF coalesce(was->>'state', '') <> 'active' AND coalesce(fresh->>'state', '') <> 'active' THEN RETURN NULL; END IF;`,
  prices: '',
  given: '',
  moved: '',
};

const after: Parts = {
  campaigns: `
      -- What becomes of one that nobody holds a key of bears on nothing; keys are given under an active one alone.
      IF coalesce(was->>'state', '') <> 'active' AND coalesce(fresh->>'state', '') <> 'active' AND NOT EXISTS (
        SELECT FROM api_key WHERE campaign_id = changed_id AND agreement_id = (fact->>'agreement_id')::uuid
      ) THEN RETURN NULL; END IF;`,
  prices: `
    WHEN 'model_price' THEN changed_kind := 'price';`,
  given: `
  -- Whatever something costs, it takes nothing away.
  IF changed_kind = 'price' THEN taken := false; END IF;`,
  moved: `
  -- A secret that was given to another key makes that one another as well.
  IF TG_TABLE_NAME = 'key_secret' AND was->>'key_id' <> fresh->>'key_id' THEN
    INSERT INTO change_log (kind, entity_id, organisation_id, cause, takes_access, at)
      SELECT 'key', id, organisation_id, TG_TABLE_NAME, false, clock_timestamp() FROM api_key
      WHERE id = (fresh->>'key_id')::uuid;
  END IF;`,
};

const logChange = ({ campaigns, prices, given, moved }: Parts) => `
CREATE OR REPLACE FUNCTION log_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, pg_temp AS $$
DECLARE
  was jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
  fresh jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
  fact jsonb := coalesce(fresh, was);
  changed_kind text;
  changed_id uuid := fact->>'id';
  within uuid := fact->>'organisation_id';
  bounds uuid;
  stopped text;
  taken boolean;
  logged bigint;
BEGIN
  IF TG_OP = 'UPDATE' AND NOT EXISTS (SELECT FROM unnest(string_to_array(TG_ARGV[0], ' ')) AS name
    WHERE fresh->name IS DISTINCT FROM was->name) THEN
    RETURN NULL;
  END IF;
  CASE TG_TABLE_NAME
    WHEN 'suspension' THEN
      changed_kind := fact->>'scope';
      bounds := fact->>'agreement_id';
      stopped := fact->>'target';
      -- A purpose and a model have no id of their own, so the stop stands for them.
      IF changed_kind NOT IN ('purpose', 'model') AND stopped ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN
        changed_id := stopped;
      END IF;
    WHEN 'api_key' THEN changed_kind := 'key';
    WHEN 'key_secret' THEN
      changed_kind := 'key';
      changed_id := coalesce(was, fresh)->>'key_id';
      SELECT organisation_id INTO within FROM api_key WHERE id = changed_id;
      -- A secret that is still the same may work on until its end; another one, or none, ends the old one at once.
      IF TG_OP = 'UPDATE' AND fresh->'hash' = was->'hash' AND fresh->'key_id' = was->'key_id' THEN
        stopped := fact->>'id';
      END IF;
    WHEN 'campaign' THEN${campaigns}
      changed_kind := 'campaign';
    WHEN 'roster_entry' THEN
      changed_kind := 'researcher';
      changed_id := fact->>'user_id';
      bounds := fact->>'agreement_id';
    WHEN 'user_account' THEN
      -- The lab's own people hold no keys.
      IF fact->>'side' <> 'partner' THEN RETURN NULL; END IF;
      changed_kind := 'researcher';
    WHEN 'agreement' THEN changed_kind := 'agreement';
    WHEN 'agreement_version' THEN
      changed_kind := 'agreement';
      changed_id := fact->>'agreement_id';
    WHEN 'gateway_credential' THEN changed_kind := 'credential';${prices}
    ELSE changed_kind := 'organisation';
  END CASE;
  taken := CASE TG_OP
    WHEN 'UPDATE' THEN takes_access(TG_TABLE_NAME, was, fresh)
    WHEN 'DELETE' THEN TG_TABLE_NAME <> 'suspension'
    ELSE (TG_TABLE_NAME = 'suspension' AND fact->>'lifted_at' IS NULL)
      OR (TG_TABLE_NAME = 'agreement_version' AND (fact->>'number')::integer > 1)
  END;${given}
  -- Readers go on from the highest number that they have seen, so numbers must become visible in their order: a lower
  -- one that committed later would be skipped for ever. So one transaction at a time draws numbers, from before the
  -- first is drawn until it has committed. The trigger is deferred, so that the lock is taken when everything else is
  -- done and every row is locked: it is held for the commit alone, and cannot be part of a deadlock. Admissions and
  -- usage write to none of the tables with this trigger, so they neither wait for this lock nor notify anybody.
  PERFORM pg_advisory_xact_lock(hashtext('parley changes'));${moved}
  INSERT INTO change_log (kind, entity_id, organisation_id, agreement_id, target, cause, takes_access, at)
    VALUES (changed_kind, changed_id, within, bounds, stopped, TG_TABLE_NAME, coalesce(taken, true), clock_timestamp())
    RETURNING seq INTO logged;
  PERFORM pg_notify('parley_change', logged::text);
  RETURN NULL;
END $$;
`;

/** Of a price every column bears on what is reserved. */
const watchPrices = `
CREATE CONSTRAINT TRIGGER log_change AFTER INSERT OR UPDATE OR DELETE ON model_price
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION log_change(
    'model currency input_per_million output_per_million cached_input_per_million effective_from');
`;

/** Nodes keep a copy of all that decisions stand on: of prices too, and of campaigns that keys still name when they are over. */
export class PricesInTheChangeLog1796025600001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(logChange(after));
    await runner.query(watchPrices);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER log_change ON model_price');
    await runner.query(logChange(before));
  }
}
