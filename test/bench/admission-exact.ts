import { Pool } from 'pg';
import { AdmissionQueue } from '../../src/gateway/admission-queue.js';
import { day } from '../../src/kernel/clock.js';
import { baseline, compare, rateOf, Result, rounded, Sample, tell, timed, timedTogether } from './measure.js';
import { onPlace, Place } from './place.js';
import { questionOf } from './questions.js';

const limit = 3_000;
const asks = 3_300;
const callers = 64;
const pooled = 10;

/**
 * A: the whole decision in exact mode, in process: key, standing, three quotas (one hot), the journal, all committed.
 * B: one guarded UPDATE of one hot row through pg, as many callers, as many connections. Both meet a limit of 3,000
 * with 3,300 asks, so that the tail of a quota is measured too. Every round has a fresh window.
 */
export function admissionExact(): Promise<Result> {
  return onPlace(limit, async (place) => {
    const pool = new Pool({ connectionString: place.databaseUrl, max: pooled });
    try {
      await pool.query(
        'CREATE TABLE bench_counter (id int PRIMARY KEY, used bigint NOT NULL, "limit" bigint NOT NULL)',
      );
      const machine = await baseline(place.databaseUrl);
      const over: number[] = [];
      const together = await compare(
        { bench: 'admission-exact', unit: 'decisions/s', reach: 0.7 },
        () => admissions(place, callers, asks, over),
        (round) => updates(pool, round, callers, asks),
      );
      tell('  One caller at a time, where nothing can be shared:');
      const alone = { a: rateOf(await admissions(place, 1, 500, over)), b: rateOf(await updates(pool, 99, 1, 500)) };
      return {
        ...together,
        callers,
        over_grant: Math.max(...over),
        alone_a: rounded(alone.a),
        alone_b: rounded(alone.b),
        alone_ratio: rounded(alone.a / alone.b),
        machine,
      };
    } finally {
      await pool.end();
    }
  });
}

async function admissions(place: Place, at: number, count: number, over: number[]): Promise<Sample> {
  const queue = place.app.get(AdmissionQueue);
  place.clock.advance(day);
  let allowed = 0;
  const ask = async (index: number) => {
    const admission = await queue.decide(questionOf(place, index));
    if (admission?.decision.outcome === 'allow') allowed += 1;
  };
  const sample = await (at === 1 ? timed(count, ask) : timedTogether(count, at, ask));
  if (allowed < Math.min(limit, count)) throw new Error(`Only ${allowed} of ${limit} were allowed.`);
  over.push(allowed - Math.min(limit, count));
  return sample;
}

async function updates(pool: Pool, round: number, at: number, count: number): Promise<Sample> {
  await pool.query('INSERT INTO bench_counter VALUES ($1, 0, $2)', [round, limit]);
  const take = () =>
    pool.query('UPDATE bench_counter SET used = used + 1 WHERE id = $1 AND used < "limit" RETURNING used', [round]);
  return at === 1 ? timed(count, take) : timedTogether(count, at, take);
}
