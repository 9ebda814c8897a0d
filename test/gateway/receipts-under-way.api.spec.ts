import { setTimeout } from 'node:timers/promises';
import { Client } from 'pg';
import { expect, it } from 'vitest';
import { decide } from '../setup/desk.js';
import { ask, given } from '../setup/given.js';
import { openStage } from '../setup/stage.js';

it('a receipt waits for answers that were found before the stop, so that none of them comes after it', async () => {
  const stage = await openStage();
  const owner = new Client({ connectionString: stage.ownerUrl });
  try {
    const story = await given.activeAgreement(stage);
    expect((await decide(story, story.keys[0]!)).decision).toBe('allow');
    await owner.connect();
    await owner.query('BEGIN; SELECT FROM quota_window FOR UPDATE');
    const told: string[] = [];
    const answered = decide(story, story.keys[0]!).then(({ decision }) => told.push(decision));
    // It has read what stands, and waits for a window.
    await setTimeout(200);
    const stopped = ask(`${stage.apiUrl}/v1/keys/${story.keys[0]!.id}/suspensions?wait=all`, {
      token: await story.cast.compliance.freshToken(),
      body: { reasonCode: 'investigation', reason: 'A look at it' },
    }).then(({ status }) => told.push(`stopped ${status}`));
    await setTimeout(500);
    expect(told).toEqual([]);
    await owner.query('COMMIT');
    await Promise.all([answered, stopped]);
    expect(told).toEqual(['allow', 'stopped 201']);
    expect((await decide(story, story.keys[0]!)).code).toBe('key_suspended');
  } finally {
    await owner.end();
    await stage.stop();
  }
});
