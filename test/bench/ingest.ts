import { Client } from 'pg';
import { addresses, models } from '../../src/demo/agreement.js';
import { AdmissionQueue } from '../../src/gateway/admission-queue.js';
import { day } from '../../src/kernel/clock.js';
import { IngestAnswer } from '../../src/usage/usage.dto.js';
import { copyInto } from './copy.js';
import { baseline, compare, Result, rateOf, rounded, Sample, tell } from './measure.js';
import { onPlace, Place } from './place.js';
import { questionOf } from './questions.js';

/** As many lines as one report may hold. */
const lines = 10_000;
const sizes = [100, 1_000, 10_000];

/**
 * A: one NDJSON report over HTTP of events that are new, each citing the authorization it settles: durable, rolled up,
 * quotas settled, logged. B: `COPY` of the same rows into a table with the same columns, its primary key and the index
 * by agreement and time, and nothing else. Admissions and the making of texts lie outside the measured time.
 */
export function ingest(): Promise<Result> {
  return onPlace(1_000_000, async (place) => {
    const client = new Client({ connectionString: place.databaseUrl });
    await client.connect();
    try {
      await client.query(`CREATE TABLE bench_event (LIKE usage_event, PRIMARY KEY (source, event_id));
        CREATE INDEX ON bench_event (agreement_id, time)`);
      const machine = await baseline(place.databaseUrl);
      let reports = 0;
      const report = async (count: number) => reportOnce(place, (reports += 1), count);
      const result = await compare(
        { bench: 'ingest', unit: 'events/s', reach: 0.3 },
        () => report(lines),
        () => copyLast(client, reports),
      );
      const growth: Record<string, number> = {};
      for (const size of sizes) {
        growth[size] = rounded(rateOf(await report(size)));
        tell(`  a report of ${size.toLocaleString('en')} lines: ${growth[size].toLocaleString('en')} events/s`);
      }
      return { ...result, lines, events_per_second_by_lines: growth, machine };
    } finally {
      await client.end();
    }
  });
}

async function reportOnce(place: Place, report: number, count: number): Promise<Sample> {
  place.clock.advance(day / 24);
  const authorizations = await admitted(place, count);
  const source = sourceOf(report);
  const time = place.clock.now().toISOString();
  const body = authorizations
    .map((authorization, at) => JSON.stringify(eventOf(place, { authorization, id: String(at), source, time, at })))
    .join('\n');
  const begun = performance.now();
  const response = await fetch(`${place.apiUrl}/v1/usage-events`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${place.gatewayCredential}`, 'Content-Type': 'application/x-ndjson' },
    body,
  });
  const answer = (await response.json()) as IngestAnswer;
  const seconds = (performance.now() - begun) / 1_000;
  if (answer.recorded !== count) throw new Error(`Only ${answer.recorded} of ${count} events were recorded.`);
  return { units: count, seconds };
}

async function admitted(place: Place, count: number): Promise<string[]> {
  const queue = place.app.get(AdmissionQueue);
  const admissions = await Promise.all(Array.from({ length: count }, (_, at) => queue.decide(questionOf(place, at))));
  return admissions.map((admission) => {
    if (admission?.decision.outcome !== 'allow') throw new Error(`Refused: ${admission?.decision.code}.`);
    return admission.id;
  });
}

interface EventParts {
  authorization: string;
  id: string;
  source: string;
  time: string;
  at: number;
}

function eventOf({ keys }: Place, { authorization, id, source, time, at }: EventParts): object {
  return {
    specversion: '1.0',
    id,
    source,
    type: 'ai.usage.v1',
    subject: keys[at % keys.length]!.publicId,
    time,
    data: {
      authorization,
      model: models.code,
      served_model: models.code,
      endpoint: 'messages',
      input_tokens: 90,
      output_tokens: 40,
      status: 200,
      client_ip: addresses.office,
    },
  };
}

/** Copies the rows that the last report left, read before the clock starts. */
async function copyLast(client: Client, report: number): Promise<Sample> {
  await client.query('TRUNCATE bench_event');
  const { rows } = await client.query<{ line: string }>({
    text: `SELECT concat_ws(E'\\t', ${columns.map((name) => `coalesce(${name}::text, '\\N')`).join(', ')}) AS line
           FROM usage_event WHERE source = $1`,
    values: [sourceOf(report)],
  });
  const text = rows.map(({ line }) => `${line.replace('\\x', '\\\\x')}\n`).join('');
  const begun = performance.now();
  await copyInto(client, 'bench_event', text);
  return { units: rows.length, seconds: (performance.now() - begun) / 1_000 };
}

const sourceOf = (report: number) => `gateway://bench-${report}`;

const columns = (
  'source event_id digest batch time key_id organisation_id agreement_id agreement_version campaign_id purpose model ' +
  'served_model endpoint run input_tokens cache_read_input_tokens cache_creation_input_tokens output_tokens ' +
  'reasoning_output_tokens status client_ip authorization_state decision_id'
).split(' ');
