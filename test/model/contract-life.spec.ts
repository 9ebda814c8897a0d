import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Theme, themes } from './commands/all.js';
import { Coverage } from './coverage.js';
import { LongRuns } from './long-runs.js';
import { System } from './real/system.js';
import { Scene, Step, Story } from './step.js';
import { emptyWorld } from './world.js';

const { FC_SEED, FC_PATH, FC_RUNS } = process.env;
const numRuns = Number(FC_RUNS ?? 200);
const maxCommands = 50;

let scene: Scene;

beforeAll(async () => {
  scene = { system: await System.open(), coverage: new Coverage() };
});

afterAll(() => scene.system.stop());

const seeds = fc.noShrink(fc.integer());
const aboutWhat = fc.noShrink(fc.constantFrom(...(Object.keys(themes) as Theme[])));
const any = seeds.map((seed) => new Step(false, seed));
const leading = seeds.map((seed) => new Step(true, seed));
const runs = new LongRuns(
  fc.commands<Story, Scene, false>([leading, leading, leading, leading, leading, any, any], {
    maxCommands,
    size: 'max',
    disableReplayLog: true,
  }),
  maxCommands - 5,
);

it('whatever people do in whatever order, the contract stands where the design says', async () => {
  const property = fc.asyncProperty(aboutWhat, runs, async (theme, run) => {
    await scene.system.begin();
    scene.coverage.begin();
    await fc.asyncModelRun(() => ({ model: { theme, world: emptyWorld() }, real: scene }), run);
  });
  await fc.assert(property, {
    numRuns,
    ...(FC_SEED !== undefined && { seed: Number(FC_SEED) }),
    ...(FC_PATH !== undefined && { path: FC_PATH.split(':')[0] }),
  });
  console.log(scene.coverage.report());
  expect(scene.coverage.runs).toBe(numRuns);
}, 3_600_000);
