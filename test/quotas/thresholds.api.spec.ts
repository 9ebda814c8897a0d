import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Sweeper } from '../../src/agreements/sweep/sweeper.js';
import { day } from '../../src/kernel/clock.js';
import { decide } from '../setup/desk.js';
import { given, Given } from '../setup/given.js';
import { openStage, Stage } from '../setup/stage.js';

let stage: Stage;
let story: Given;

beforeAll(async () => {
  stage = await openStage();
  story = await given.activeAgreement(stage, 5);
});

afterAll(() => stage.stop());

interface Entry {
  action: string;
  detail: { quotaId: string; percent: number; limit: number; counted: number };
}

/** What the partner reads of it in its log. */
async function told(): Promise<Entry['detail'][]> {
  const { data } = await story.cast.partnerAdmin.get<{ data: Entry[] }>('/v1/audit-entries?limit=200');
  return data.filter(({ action }) => /^quota\.reached_\d+_percent$/.test(action)).map(({ detail }) => detail);
}

async function ask(times: number): Promise<void> {
  for (let at = 0; at < times; at += 1) await decide(story, story.keys[0]!);
}

describe('a percentage at which the parties are to be told', () => {
  it('is told when what is reserved and used comes to it, and not before', async () => {
    await ask(3);
    await stage.app.get(Sweeper).sweep();
    expect(await told()).toEqual([]);
    await ask(1);
    await stage.app.get(Sweeper).sweep();
    expect(await told()).toEqual([
      expect.objectContaining({ quotaId: 'code-requests-daily', percent: 80, limit: 5, counted: 4 }),
    ]);
  });

  it('is told once for a window, however often and by however many it is looked for', async () => {
    await ask(1);
    await Promise.all([1, 2, 3].map(() => stage.app.get(Sweeper).sweep()));
    expect(await told()).toHaveLength(1);
  });

  it('is told once by two who look at the same moment, and again for the next window', async () => {
    stage.clock.advance(day);
    await ask(5);
    await Promise.all([1, 2, 3].map(() => stage.app.get(Sweeper).sweep()));
    expect(await told()).toHaveLength(2);
  });
});
