import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { second } from '../../src/kernel/clock.js';
import { newId } from '../../src/kernel/ids.js';
import { Callers, callersOf } from '../setup/caller.js';
import { given } from '../setup/given.js';
import { openStage, Stage } from '../setup/stage.js';

interface Row {
  id: string;
  name: string;
}
interface Page {
  data: Row[];
  next_cursor: string | null;
}

const encode = (text: string) => Buffer.from(text).toString('base64url');

describe('a list', () => {
  let stage: Stage;
  let people: Callers;
  const path = '/v1/gateway-credentials';
  const names = Array.from({ length: 23 }, (_, at) => `gateway-${at}`);

  beforeAll(async () => {
    stage = await openStage();
    people = await callersOf(stage, (await given.activeAgreement(stage)).cast);
    for (const name of names) {
      stage.clock.advance(second);
      await people.admin.post(path, { name });
    }
  });

  afterAll(() => stage.stop());

  const page = (query: string) => people.admin.get<Page>(`${path}${query}`);

  async function walk(limit: number, between: () => Promise<unknown> = () => Promise.resolve()): Promise<Row[]> {
    const rows: Row[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const { status, body } = await page(`?limit=${limit}${cursor && `&cursor=${cursor}`}`);
      expect(status).toBe(200);
      expect(body.data.length).toBeLessThanOrEqual(limit);
      rows.push(...body.data);
      cursor = body.next_cursor;
      await between();
    }
    return rows;
  }

  it.each([1, 2, 5, 7, 23, 24, 25, 200])('walks all rows once, newest first, %i at a time', async (limit) => {
    const expected = [...names.toReversed(), 'demo-eu-1'];
    expect((await walk(limit)).map(({ name }) => name)).toEqual(expected);
  });

  it('has no next page when the rows end with the page', async () => {
    const { body } = await page('?limit=24');
    expect([body.data.length, body.next_cursor]).toEqual([24, null]);
  });

  it('is not disturbed by rows that are made while it is walked', async () => {
    let made = 0;
    const rows = await walk(5, async () => {
      stage.clock.advance(second);
      await people.admin.post(path, { name: `late-${(made += 1)}` });
    });
    expect(made).toBeGreaterThan(3);
    expect(rows.map(({ name }) => name)).toEqual([...names.toReversed(), 'demo-eu-1']);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  });

  it.each(['0', '-1', '201', '1.5', '1e2', '0x10', '', ' 5', 'all', '99999999999999999999'])(
    'is not asked for %j rows at a time',
    async (limit) => expect((await page(`?limit=${encodeURIComponent(limit)}`)).status).toBe(422),
  );

  it('refuses a cursor that this API never gave, and is never at fault over one', async () => {
    const cursor = (await page('?limit=1')).body.next_cursor!;
    const id = Buffer.from(cursor, 'base64url').toString();
    const never = [
      'x',
      id,
      `${cursor}=`,
      `${cursor}!`,
      `!${cursor}`,
      ` ${cursor}`,
      `${cursor}A`,
      cursor.slice(0, -1),
      encode(id.toUpperCase()),
      encode(`${id}\0`),
      encode(`${id}'; DROP TABLE audit_entry; --`),
      encode('{"id":1}'),
      cursor.repeat(3),
      encode(newId(new Date()).replaceAll('-', '')),
    ];
    for (const text of never) {
      const { status, body } = await page(`?cursor=${encodeURIComponent(text)}`);
      expect([status, (body as unknown as { pointer: string }).pointer], text).toEqual([422, '/cursor']);
    }
  });

  it('with any character of its cursor changed is refused, or starts at another place of the same rows', async () => {
    const first = await page('?limit=5');
    const cursor = first.body.next_cursor!;
    const known = new Set((await walk(200)).map(({ id }) => id));
    const tampered = [...cursor].flatMap((right, at) =>
      ['A', 'M', 'z', '-'].filter((c) => c !== right).map((c) => cursor.slice(0, at) + c + cursor.slice(at + 1)),
    );
    let refused = 0;
    for (const text of tampered) {
      const { status, body } = await page(`?limit=200&cursor=${text}`);
      expect([200, 422], text).toContain(status);
      if (status === 422) refused += 1;
      else expect(body.data.every(({ id }) => known.has(id))).toBe(true);
    }
    expect(refused).toBeGreaterThan(tampered.length / 2);
  });

  it('shows a partner nothing of another organisation, whatever the cursor', async () => {
    const partners = await people.partnerships.get<Page>('/v1/partners');
    const other = { legalName: 'Other', country: 'FR', emailDomains: ['o.example'], competitor: false, contacts: [] };
    await people.partnerships.post('/v1/partners', other);
    const last = Buffer.from('ffffffff-ffff-7fff-bfff-ffffffffffff').toString('base64url');
    const { body } = await people.partnerAdmin.get<Page>(`/v1/partners?cursor=${last}`);
    expect(body.data.map(({ id }) => id)).toEqual(partners.body.data.map(({ id }) => id));
  });
});
