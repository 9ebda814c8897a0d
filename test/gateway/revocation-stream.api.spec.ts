import { Client } from 'pg';
import { once } from 'node:events';
import { createServer, get as httpGet, IncomingMessage } from 'node:http';
import { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { nodeConnectionName } from '../../src/gateway/nodes/node-connection.js';
import { Revocation } from '../../src/gateway/revocations/change-reader.js';
import { RevocationStream } from '../../src/gateway/revocations/revocation-stream.js';
import { streamsMax } from '../../src/gateway/revocations/revocations.js';
import { applicationRole } from '../../src/data-source.js';
import { decide } from '../setup/desk.js';
import { ask, given, Given, usageEvent } from '../setup/given.js';
import { attemptAs, entry } from '../setup/guards.js';
import { Listening, listenTo, until } from '../setup/listening.js';
import { openSecondInstance } from '../setup/second-instance.js';
import { severableLink } from '../setup/severable-link.js';
import { openStage, Stage } from '../setup/stage.js';

let stage: Stage;
let story: Given;
let owner: Client;
const open: Listening[] = [];

beforeAll(async () => {
  stage = await openStage();
  story = await given.activeAgreement(stage);
  owner = await connected();
});

afterEach(() => {
  for (const stream of open.splice(0)) stream.close();
});

afterAll(async () => {
  await owner.end();
  await stage.stop();
});

async function connected(): Promise<Client> {
  const client = new Client({ connectionString: stage.ownerUrl });
  await client.connect();
  return client;
}

async function listen(options: Parameters<typeof listenTo>[2] = {}, token = story.gatewayCredential) {
  const stream = await listenTo(stage.gatewayUrl, token, options);
  open.push(stream);
  return stream;
}

/** A stop of the first key: one change more that takes access away. */
const stopSql = (side = 'lab') => `
  INSERT INTO suspension (id, organisation_id, agreement_id, scope, target, reason_code, reason, suspended_by,
    suspended_side, suspended_at, version)
  VALUES (gen_random_uuid(), '${story.organisationId}', '${story.agreementId}', 'key', '${story.keys[0]!.id}',
    'investigation', 'A test', 'somebody', '${side}', '2026-03-02', 1)`;

async function stopKey(): Promise<void> {
  expect(await attemptAs(owner, stopSql())).toBe('committed');
}

/** The numbers of all that was logged after a position and takes access away. */
async function logged(after: number): Promise<number[]> {
  const rows = await stage.sql<{ seq: string }>(
    'SELECT seq FROM change_log WHERE seq > $1 AND takes_access ORDER BY seq',
    [after],
  );
  return rows.map(({ seq }) => Number(seq));
}

const numbers = ({ heard }: Listening) => heard.map(({ seq }) => seq);

describe('the order of changes', () => {
  it('is that of their commits: nobody who reads along ever finds a lower number than one already read', async () => {
    const stream = await listen();
    const start = Number(stream.lastId());
    const clients = await Promise.all(Array.from({ length: 6 }, connected));
    // A reader that goes on from the highest number it knows, as fast as it can, beside the writers.
    const reading = { over: false, read: [] as number[] };
    const reader = await connected();
    const look = async (position: number) => {
      const { rows } = await reader.query<{ seq: string }>('SELECT seq FROM change_log WHERE seq > $1 ORDER BY seq', [
        position,
      ]);
      reading.read.push(...rows.map(({ seq }) => Number(seq)));
    };
    const work = (async () => {
      while (!reading.over) await look(reading.read.at(-1) ?? start);
    })();
    await Promise.all(
      clients.map(async (client, at) => {
        for (let round = 0; round < 8; round += 1) {
          // Transactions that begin, write and wait for different times, so that they end in another order.
          await client.query('BEGIN');
          await client.query(stopSql(`side ${at}`));
          await sleep(((at * 7 + round * 5) % 6) * 4);
          if (round % 3 === 0) await client.query(stopSql(`side ${at}`));
          await client.query(entry);
          await client.query(round === 5 ? 'ROLLBACK' : 'COMMIT');
        }
      }),
    );
    reading.over = true;
    await work;
    await look(reading.read.at(-1) ?? start);
    const all = await logged(start);
    expect(all.length).toBe(6 * (7 + 3));
    expect(reading.read).toEqual(all);
    await until(() => stream.heard.length >= all.length, 'all events');
    expect(numbers(stream)).toEqual(all);
    await Promise.all([...clients, reader].map((client) => client.end()));
  });

  it('is kept by a lock that no admission and no usage event waits for', async () => {
    const holder = await connected();
    await holder.query('BEGIN');
    await holder.query("SELECT pg_advisory_xact_lock(hashtext('parley changes'))");
    const before = await logged(0);
    const changes = await stage.sql('SELECT max(seq) FROM change_log');
    expect((await decide(story, story.keys[1]!)).decision).toBe('allow');
    const event = usageEvent('beside the lock', story.keys[1]!, stage.clock.now());
    const { status } = await ask(`${stage.apiUrl}/v1/usage-events`, { token: story.gatewayCredential, body: [event] });
    expect(status).toBe(200);
    // A change of what decisions stand on does wait for it: the lock is the one that the trigger takes.
    await owner.query("SET lock_timeout = '100ms'");
    expect(await attemptAs(owner, stopSql())).toBe('55P03');
    await owner.query('RESET lock_timeout');
    await holder.query('ROLLBACK');
    await holder.end();
    expect(await logged(0)).toEqual(before);
    expect(await stage.sql('SELECT max(seq) FROM change_log')).toEqual(changes);
  });
});

describe('the application’s role', () => {
  it('makes no row up: neither by itself nor by the trigger on a table of its own', async () => {
    const client = await connected();
    await client.query(`SET ROLE ${applicationRole}`);
    const columns = "(kind, entity_id, cause, takes_access, at) VALUES ('key', gen_random_uuid(), 'x', true, now())";
    await expect(client.query(`INSERT INTO change_log ${columns}`)).rejects.toMatchObject({ code: '42501' });
    await client.query('CREATE TEMPORARY TABLE api_key (id uuid, organisation_id uuid)');
    await expect(
      client.query("CREATE TRIGGER mine AFTER INSERT ON api_key FOR EACH ROW EXECUTE FUNCTION log_change('id')"),
    ).rejects.toMatchObject({ code: '42501' });
    await client.end();
  });
});

describe('whoever was cut off', () => {
  it('hears all of what happened meanwhile by its last id, once and in order', async () => {
    const stream = await listen();
    await stopKey();
    const { seq } = await stream.next();
    stream.close();
    await stopKey();
    await stopKey();
    const again = await listen({ lastEventId: String(seq), after: 0 });
    await stopKey();
    const missed = await logged(seq);
    expect(missed).toHaveLength(3);
    await until(() => again.heard.length >= 3, 'what was missed');
    expect(numbers(again)).toEqual(missed);
  });

  it('hears everything from the beginning, over many pages', async () => {
    for (let stops = 0; stops < 30; stops += 1)
      expect(await attemptAs(owner, ...Array<string>(10).fill(stopSql()))).toBe('committed');
    const stream = await listen({ after: 0 });
    const all = await logged(0);
    expect(all.length).toBeGreaterThan(300);
    await until(() => numbers(stream).at(-1) === all.at(-1), 'the newest event');
    // A replay tells only of what is refused still; nothing but these stops is.
    expect(numbers(stream)).toEqual(all.filter((seq) => numbers(stream).includes(seq)));
    expect(stream.heard.length).toBeGreaterThan(300);
  });

  it('loses nothing when the connection that listens is cut, and is told quickly again when it is back', async () => {
    const stream = await listen();
    const listening = () =>
      stage.sql<{ pid: number }>(
        'SELECT pid FROM pg_stat_activity WHERE application_name = $1 AND datname = current_database()',
        [nodeConnectionName],
      );
    await until(async () => (await listening()).length === 1, 'the connection that listens');
    const [before] = await listening();
    const start = Number(stream.lastId());
    for (let stops = 0; stops < 3; stops += 1) {
      await stage.sql('SELECT pg_terminate_backend($1)', [(await listening())[0]?.pid ?? before!.pid]);
      await stopKey();
    }
    await until(() => stream.heard.length >= 3, 'the stops');
    expect(numbers(stream)).toEqual(await logged(start));
    await until(async () => (await listening()).some(({ pid }) => pid !== before!.pid), 'another connection');
  });
});

describe('a stream', () => {
  it('is sent as an event stream that nobody stores or gathers, and begins with the position', async () => {
    const { status, headers, text } = await listen();
    expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'text/event-stream' });
    expect(headers['cache-control']).toBe('no-store');
    expect(text()).toMatch(/^retry: 1000\n: after \d+\nid: \d+\n\n/);
  });

  it('ends within a second when its credential is revoked, and no other does', async () => {
    const issued = await story.cast.admin.post<{ id: string; secret: string }>('/v1/gateway-credentials', {
      name: 'eu-2',
    });
    const [mine, others] = [await listen({}, issued.secret), await listen()];
    await story.cast.compliance.post(`/v1/gateway-credentials/${issued.id}/revocation`);
    expect(await mine.ended()).toBeLessThan(1_000);
    expect(mine.comments.at(-1)).toBe(': the credential was revoked');
    expect(await others.next()).toMatchObject({ kind: 'credential', entity_id: issued.id, keys: [] });
    const url = `${stage.gatewayUrl}/v1/revocations`;
    expect((await ask(url, { method: 'GET', token: issued.secret })).status).toBe(401);
  });

  it.each(['-1', 'x', '1.5', '99999999999999999999', '4000000000'])(
    'is refused after=%s with a pointer',
    async (after) => {
      const url = `${stage.gatewayUrl}/v1/revocations?after=${after}`;
      const { status, body } = await ask(url, { method: 'GET', token: story.gatewayCredential });
      expect({ status, pointer: body.pointer }).toEqual({ status: 422, pointer: '/after' });
    },
  );

  it('is for gateways alone: no person has one, and nobody without a credential', async () => {
    const tokens = [
      undefined,
      'nonsense',
      ...(await Promise.all(Object.values(story.cast).map((one) => one.freshToken()))),
    ];
    const url = `${stage.gatewayUrl}/v1/revocations`;
    for (const token of tokens) {
      expect((await ask(url, { method: 'GET', ...(token && { token }) })).status).toBe(401);
    }
  });

  it('is one of a bounded number for each credential', async () => {
    for (let opened = 0; opened < streamsMax; opened += 1) await listen();
    const url = `${stage.gatewayUrl}/v1/revocations`;
    const { status, headers } = await ask(url, { method: 'GET', token: story.gatewayCredential });
    expect({ status, wait: headers.get('retry-after') }).toEqual({ status: 503, wait: expect.stringMatching(/^\d$/) });
    open.pop()!.close();
    await until(async () => {
      const stream = await listenTo(stage.gatewayUrl, story.gatewayCredential);
      stream.close();
      return stream.status === 200;
    }, 'room for another stream');
  });
});

describe('a client that does not read', () => {
  /** A stream to a client over a real connection. */
  async function streaming(
    patience: number,
  ): Promise<{ stream: RevocationStream; response: IncomingMessage; close: () => void }> {
    let stream: RevocationStream | null = null;
    const server = createServer((_, answer) => (stream = new RevocationStream(answer, 'credential', 0, patience)));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const [response] = (await once(
      httpGet({ port: (server.address() as AddressInfo).port, agent: false }),
      'response',
    )) as [IncomingMessage];
    response.on('error', () => undefined);
    return { stream: stream!, response, close: () => server.close() };
  }

  /** More than the buffers of a connection between two programs take. */
  const large: Revocation = {
    seq: 1,
    kind: 'organisation',
    entity_id: 'x',
    at: 'now',
    keys: Array<string>(2_000_000).fill('abcdefghijkl'),
    models: null,
  };

  it('is cut off, and what it did not read is let go', async () => {
    const { stream, response, close } = await streaming(300);
    await stream.send({ revocations: [large], position: 1, full: false });
    expect(stream.busy).toBe(false);
    const closed = new Promise((resolve) => response.once('close', resolve));
    await sleep(1_200);
    response.resume();
    await closed;
    expect(response.complete).toBe(false);
    close();
  });

  it('for a while gets the whole when it reads in time', async () => {
    const { stream, response, close } = await streaming(10_000);
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    await stream.send({ revocations: [large], position: 1, full: false });
    stream.end('enough');
    await once(response, 'close');
    expect(text).toContain(`data: ${JSON.stringify(large)}\n\n: enough\n\n`);
    close();
  });

  it('gets no heartbeat between two parts of an event', async () => {
    const { stream, response, close } = await streaming(10_000);
    const sending = stream.send({ revocations: [large], position: 1, full: false });
    stream.beat();
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    await sending;
    stream.beat();
    stream.end('enough');
    await once(response, 'close');
    expect(text.match(/^: heartbeat\nid: 1$/gm)).toHaveLength(1);
    close();
  });
});

// Last, for whoever logs in while a second application is there is known to that one.
describe('a node', () => {
  it('that has lost the database ends its streams, so that silence is not taken for no news', async () => {
    const link = await severableLink(stage.ownerUrl);
    const node = await openSecondInstance(stage, link.url);
    const stream = await listenTo(node.gatewayUrl, story.gatewayCredential);
    link.cut();
    await stream.ended();
    expect(stream.comments.at(-1)).toContain('the database is not to be reached');
    link.mend();
    await node.stop();
    await link.stop();
  }, 20_000);

  it('that stops ends its streams at once', async () => {
    const node = await openSecondInstance(stage);
    const stream = await listenTo(node.gatewayUrl, story.gatewayCredential);
    const begun = performance.now();
    await node.stop();
    expect(performance.now() - begun).toBeLessThan(2_000);
    await stream.ended();
    expect(stream.comments.at(-1)).toBe(': the node stops');
  });
});
