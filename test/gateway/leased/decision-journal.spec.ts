import { setTimeout } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { DecisionRow } from '../../../src/gateway/journal.js';
import { DecisionJournal } from '../../../src/gateway/leased/decision-journal.js';

/** A journal over a database that takes its time, and what was written to it, write by write. */
function journalOver(milliseconds: number) {
  const writes: string[][] = [];
  let [underWay, together] = [0, 0];
  const write = async (rows: readonly DecisionRow[]) => {
    underWay += 1;
    together = Math.max(together, underWay);
    await setTimeout(milliseconds);
    underWay -= 1;
    writes.push(rows.map(({ id }) => id));
  };
  const journal = new DecisionJournal({ write } as never);
  return { journal, writes, together: () => together };
}

const row = (id: number) => ({ id: String(id), code: 'allowed' }) as DecisionRow;
const ids = (count: number) => Array.from({ length: count }, (_, at) => String(at));

it('a flood is written once each, one write at a time, and asks for a write no more often than one ends', async () => {
  const { journal, writes, together } = journalOver(5);
  const flush = vi.spyOn(journal, 'flush');
  for (let at = 0; at < 20_000; at += 1) {
    journal.append(row(at));
    if (at % 1_000 === 0) await setTimeout(1);
  }
  await journal.flush();
  expect(writes.flat()).toEqual(ids(20_000));
  expect(together()).toBe(1);
  expect(Math.max(...writes.map(({ length }) => length))).toBeLessThanOrEqual(2_000);
  expect(flush.mock.calls.length).toBeLessThanOrEqual(writes.length + 1);
});

it('a flush returns when everything taken before it is written, though a write was under way', async () => {
  const { journal, writes } = journalOver(20);
  journal.append(row(0));
  const first = journal.flush();
  journal.append(row(1));
  await journal.flush();
  expect(writes.flat()).toEqual(ids(2));
  await first;
});

it('what comes while a write is under way is written without being asked for', async () => {
  const { journal, writes } = journalOver(20);
  journal.append(row(0));
  await Promise.all([journal.flush(), setTimeout(5).then(() => journal.append(row(1)))]);
  await vi.waitFor(() => expect(writes.flat()).toEqual(ids(2)));
});
