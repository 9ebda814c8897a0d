import { Client } from 'pg';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SnapshotKeeper } from '../../../src/gateway/snapshot/snapshot-keeper.js';
import { minute } from '../../../src/kernel/clock.js';
import { given, Given } from '../../setup/given.js';
import { attemptAs, entry } from '../../setup/guards.js';
import { openStage, Stage } from '../../setup/stage.js';
import { addSeconds, changes, expectSame, sqlOf } from '../../setup/standing-changes.js';

let stage: Stage;
let story: Given;
let rival: Given;
let owner: Client;
let keeper: SnapshotKeeper;

beforeAll(async () => {
  stage = await openStage();
  story = await given.activeAgreement(stage);
  rival = await given.anotherRival(story);
  owner = new Client({ connectionString: stage.ownerUrl });
  await owner.connect();
  keeper = stage.app.get(SnapshotKeeper);
  await addSeconds(stage);
});

afterAll(async () => {
  await owner.end();
  await stage.stop();
});

describe('the snapshot', () => {
  it.each(changes)('tells of every secret what the database tells after %s', async (what) => {
    const [key, , last] = story.keys;
    expect(await attemptAs(owner, sqlOf(stage, what, last!, key))).toBe('committed');
    await keeper.catchUp();
    await expectSame(stage);
  });

  it('and after any sequence of such changes, alone or together, while time goes by', async () => {
    const keys = [...story.keys, ...rival.keys];
    const one = fc.record({
      what: fc.constantFrom(...changes),
      key: fc.nat(keys.length - 1),
      other: fc.nat(keys.length - 1),
    });
    const transaction = fc.array(one, { minLength: 1, maxLength: 3 });
    const minutes = fc.constantFrom(0, 0, 4, 16);
    const sequence = fc.array(fc.record({ transaction, minutes }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(sequence, async (happening) => {
        for (const { transaction: together, minutes: pass } of happening) {
          stage.clock.advance(pass * minute);
          await change(together.map(({ what, key, other }) => sqlOf(stage, what, keys[key]!, keys[other])));
          await keeper.catchUp();
          await expectSame(stage);
        }
      }),
      {
        numRuns: 40,
        // Both changes are of one secret, which the other key has in the end.
        examples: [
          [
            [
              {
                transaction: [
                  { what: 'another secret', key: 0, other: 1 },
                  { what: 'a secret of another key', key: 0, other: 1 },
                ],
                minutes: 0,
              },
            ],
          ],
        ],
      },
    );
  }, 120_000);
});

/** Statements of which some touch no row, as one transaction with an audit entry; what is not allowed does not happen. */
async function change(statements: readonly string[]): Promise<void> {
  await owner.query('BEGIN');
  try {
    for (const statement of [...statements, entry]) await owner.query(statement);
    await owner.query('COMMIT');
  } catch {
    await owner.query('ROLLBACK');
  }
}
