import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { readConfiguration } from '../../../src/kernel/configuration.js';
import { startService } from '../../../src/service.js';
import { decide } from '../../setup/desk.js';
import { given, Given } from '../../setup/given.js';
import { leaseIn, lend, lostNode, windowOf } from '../../setup/leases.js';
import { openStage, Stage } from '../../setup/stage.js';

let stage: Stage;
let story: Given;
let data: string;

beforeAll(async () => {
  stage = await openStage();
  story = await given.activeAgreement(stage);
  data = mkdtempSync(join(tmpdir(), 'parley-worker-'));
});

afterAll(async () => {
  rmSync(data, { recursive: true });
  await stage.stop();
});

it('a worker finds the lease of a lost node within seconds, and tells of it, whatever its own clock says', async () => {
  await decide(story, story.keys[0]!);
  const environment = { PARLEY_LAB_NAME: 'Example Lab Inc.', PARLEY_ROLE: 'worker', PARLEY_DATA: data };
  const worker = await startService(readConfiguration(environment), stage.ownerUrl, stage.clock);
  const windowId = await windowOf(story, 'code-requests-daily');
  const [over, under] = [await lostNode(stage), await lostNode(stage)];
  const lost = await lend(stage, over, { windowId, granted: 10, forSeconds: -6 });
  const alive = await lend(stage, under, { windowId, granted: 10 });
  await vi.waitFor(
    async () => {
      const findings = await stage.sql("SELECT subject_id, delta::int FROM finding WHERE rule = 'usage_unaccounted'");
      expect(findings).toEqual([{ subject_id: lost, delta: 10 }]);
    },
    { timeout: 30_000, interval: 200 },
  );
  await worker.stop();
  expect([(await leaseIn(stage, lost)).state, (await leaseIn(stage, alive)).state]).toEqual(['quarantined', 'open']);
});
