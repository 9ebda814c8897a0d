import { afterAll, beforeAll, expect, it } from 'vitest';
import { minute } from '../../src/kernel/clock.js';
import { ask, given, Given, question, usageEvent } from '../setup/given.js';
import { openStage, Stage } from '../setup/stage.js';
import { windowsIn } from '../setup/windows.js';

interface Decided {
  code: string;
  authorization: string | null;
}

let stage: Stage;
let story: Given;

beforeAll(async () => {
  stage = await openStage();
  story = await given.activeAgreement(stage);
});

afterAll(() => stage.stop());

const decide = async (key: string) => {
  const body = question({ id: '', publicId: '', key });
  const { status, body: decided } = await ask<Decided>(`${stage.gatewayUrl}/v1/authorizations`, {
    token: story.gatewayCredential,
    body,
  });
  expect(status).toBe(200);
  return decided;
};

/** A client that never pauses: it asks with one secret after another until it is told to stop. */
function client(secretNow: () => string) {
  const decided: Decided[] = [];
  const signal = { stopped: false };
  const work = (async () => {
    while (!signal.stopped) decided.push(await decide(secretNow()));
  })();
  return {
    decided,
    stop: async () => {
      signal.stopped = true;
      await work;
    },
  };
}

it('a key rotated under load refuses nobody until the overlap ends, then the old secret alone, and counts once', async () => {
  const { publicId, id, key: old } = story.keys[0]!;
  const overlapMinutes = 10;
  const before = Array.from({ length: 4 }, () => client(() => old));
  await Promise.all(before.map(({ decided }) => untilAsked(decided, 10)));
  const { key: fresh } = await story.cast.researcher.post<{ key: string }>(`/v1/keys/${id}/rotation`, {
    overlapMinutes,
  });
  // The clients of the new secret begin at once, beside those that do not know of it yet.
  const after = Array.from({ length: 4 }, () => client(() => fresh));
  await Promise.all([...before, ...after].map(({ decided }) => untilAsked(decided, decided.length + 10)));
  stage.clock.advance(overlapMinutes * minute - 1);
  await Promise.all([...before, ...after].map(({ decided }) => untilAsked(decided, decided.length + 10)));
  await Promise.all([...before, ...after].map((one) => one.stop()));
  const codes = [...before, ...after].flatMap(({ decided }) => decided.map(({ code }) => code));
  expect(new Set(codes)).toEqual(new Set(['allowed']));

  stage.clock.advance(1);
  expect([(await decide(old)).code, (await decide(fresh)).code]).toEqual(['key_expired', 'allowed']);

  // Both secrets are one key: its quota has one window, which counted every admission once.
  const admitted = codes.length + 1;
  const windowsOfKey = async () => (await windowsIn(stage)).filter(({ quota }) => quota === 'key-requests-daily');
  const kept = { leased: admitted, used: 0, overrun: 0 };
  // What the node was lent and did not use goes back when nobody asks any more.
  await expect.poll(windowsOfKey, { timeout: 10_000 }).toEqual([expect.objectContaining(kept)]);
  const authorizations = [...before, ...after].flatMap(({ decided }) => decided.map((one) => one.authorization!));
  const events = authorizations.map((authorization, at) =>
    usageEvent(`rotated ${at}`, { id, publicId, key: '' }, stage.clock.now(), { authorization }),
  );
  for (let at = 0; at < events.length; at += 500) {
    const body = events.slice(at, at + 500);
    await ask(`${stage.apiUrl}/v1/usage-events`, { token: story.gatewayCredential, body });
  }
  const [settled] = await windowsOfKey();
  expect(settled).toMatchObject({ leased: 1, used: codes.length, overrun: 0 });
});

async function untilAsked(decided: readonly Decided[], count: number): Promise<void> {
  while (decided.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
}
