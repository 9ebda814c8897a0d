import { Sweeper } from '../../src/agreements/sweep/sweeper.js';
import { applicationOptions } from '../../src/data-source.js';
import { readConfiguration } from '../../src/kernel/configuration.js';
import { createApplication } from '../../src/service.js';
import { Stage, testSealer, testTokenSecret } from './stage.js';

/** Another process that tells what time brings about, over a stage's database and by its clock. */
export interface SecondSweeper {
  sweep: () => Promise<number>;
  stop: () => Promise<void>;
}

/** Starts one that serves nothing. Stop it before the stage. */
export async function openSecondSweeper(stage: Stage): Promise<SecondSweeper> {
  const app = await createApplication({
    configuration: readConfiguration({ PARLEY_LAB_NAME: 'Example Lab Inc.', PARLEY_LOG_LEVEL: 'silent' }),
    clock: stage.clock,
    sealer: testSealer,
    tokenSecret: testTokenSecret,
    database: applicationOptions(stage.ownerUrl, 5, false),
  });
  await app.init();
  return { sweep: () => app.get(Sweeper).sweep(), stop: () => app.close() };
}
