import { afterAll, beforeAll, expect, it } from 'vitest';
import { Sweeper } from '../../src/agreements/sweep/sweeper.js';
import { day } from '../../src/kernel/clock.js';
import { Quota } from '../../src/terms/terms.js';
import { decide, done, get, post } from '../setup/desk.js';
import { ask, given, Given, usageEvent } from '../setup/given.js';
import { openStage, Stage } from '../setup/stage.js';
import { windowsIn } from '../setup/windows.js';

const watched: Quota = {
  id: 'watched',
  clauseRef: '5',
  heldBy: 'metered',
  metric: 'requests',
  limit: 2,
  window: { kind: 'calendar', unit: 'day', timezone: 'UTC' },
  scope: 'agreement',
  filter: {},
  enforcement: 'soft',
  notifyAtPercent: [50, 100],
};

let stage: Stage;
let story: Given;

beforeAll(async () => {
  stage = await openStage();
  story = await given.activeAgreement(stage, 1, [watched]);
});

afterAll(() => stage.stop());

/** What of a list both parties read alike. */
async function readByBoth<Row>(path: string): Promise<Row[]> {
  const { compliance, partnerAdmin } = story.cast;
  const [lab, partner] = [
    done(await get<{ data: Row[] }>(stage, compliance, path)),
    done(await get<{ data: Row[] }>(stage, partnerAdmin, path)),
  ];
  expect(lab.data).toEqual(partner.data);
  return lab.data;
}

it('a soft quota refuses nothing; passing it leaves an event at each percentage and a finding, for both parties', async () => {
  const decided = [];
  for (let at = 0; at < 5; at += 1) decided.push(await decide(story, story.keys[0]!));
  expect(new Set(decided.map(({ code }) => code))).toEqual(new Set(['allowed']));
  await stage.app.get(Sweeper).sweep();
  const [window] = await stage.sql<{ id: string }>('SELECT id FROM quota_window');
  const events = await readByBoth<{ action: string; detail: object }>(`/v1/audit-entries?subject=${window!.id}`);
  expect(events.toReversed()).toMatchObject([
    { action: 'quota.reached_50_percent', detail: { quotaId: 'watched', percent: 50, limit: 2, counted: 5 } },
    { action: 'quota.reached_100_percent', detail: { quotaId: 'watched', percent: 100, limit: 2, counted: 5 } },
  ]);

  const body = decided
    .slice(0, 4)
    .map(({ authorization }, at) => usageEvent(`soft ${at}`, story.keys[0]!, stage.clock.now(), { authorization }));
  await ask(`${stage.apiUrl}/v1/usage-events`, { token: story.gatewayCredential, body });
  expect(await windowsIn(stage)).toMatchObject([{ leased: 1, used: 4, overrun: 0 }]);
  const date = stage.clock.now().toISOString().slice(0, 10);
  stage.clock.advance(day);
  done(
    await post(stage, story.cast.compliance, `/v1/agreements/${story.agreementId}/statements`, { kind: 'day', date }),
  );
  expect(await readByBoth('/v1/findings?rule=quota_exceeded')).toMatchObject([
    { clauseRef: '5', expected: 'at most 2 requests', observed: '4 requests', delta: 2 },
  ]);
});
