import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../setup/cluster.js';
import { Caller, Callers, callersOf } from '../setup/caller.js';
import { ask, given, question, Given } from '../setup/given.js';
import { openStage, Stage } from '../setup/stage.js';
import { inject } from 'vitest';

describe('what a load balancer and a monitor ask', () => {
  let stage: Stage;
  let story: Given;
  let people: Callers;
  let anybody: Caller;

  beforeAll(async () => {
    stage = await openStage();
    story = await given.activeAgreement(stage);
    people = await callersOf(stage, story.cast);
    anybody = new Caller(stage);
  });

  afterAll(() => stage.stop());

  it('is answered without a token', async () => {
    expect(await anybody.get('/health/live')).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(await anybody.get('/health/ready')).toMatchObject({ status: 200, body: { status: 'ok' } });
  });

  it('metrics name the pattern of a route, never an id or a secret', async () => {
    await people.partnerships.get(`/v1/agreements/${story.agreementId}`);
    const { status, headers, body } = await anybody.get<string>('/metrics');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toContain('text/plain');
    expect(body).toContain('route="/v1/agreements/:id",status="200"');
    expect(body).toContain('process_cpu_seconds_total');
    expect(body).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(body).not.toContain(story.keys[0]!.publicId);
  });

  it('tells that the database is gone: alive but not ready, 503 and no 401 for who has a token, and ready again after', async () => {
    const name = new URL(stage.ownerUrl).pathname.slice(1);
    const lost = `${name}_lost`;
    const cluster = inject('clusterUrl');
    const end = 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1';
    await run(cluster, `ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
    await run(cluster, end, [name]);
    await run(cluster, `ALTER DATABASE ${name} RENAME TO ${lost}`);
    const answers = {
      live: await anybody.get('/health/live'),
      ready: await anybody.get('/health/ready'),
      read: await people.partnerships.get('/v1/partners'),
      write: await people.admin.post('/v1/gateway-credentials', { name: 'eu-7' }, { 'Idempotency-Key': '"lost"' }),
      logIn: await anybody.post('/v1/sessions', { email: 'admin@lab.example', password: 'a password' }),
      gateway: await ask(`${stage.gatewayUrl}/v1/authorizations`, {
        token: story.gatewayCredential,
        body: question(story.keys[0]!),
      }),
      gatewayLive: await ask(`${stage.gatewayUrl}/health/live`, { method: 'GET' }),
    };
    await run(cluster, `ALTER DATABASE ${lost} RENAME TO ${name}`);
    await run(cluster, `ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
    const statuses = Object.entries(answers).map(([asked, { status }]) => [asked, status]);
    expect(Object.fromEntries(statuses)).toEqual({
      live: 200,
      ready: 503,
      read: 503,
      write: 503,
      logIn: 503,
      gateway: 503,
      gatewayLive: 200,
    });
    expect(answers.ready.headers.get('retry-after')).toBe('1');
    expect(JSON.stringify(answers)).not.toContain(name);
    expect((await anybody.get('/health/ready')).status).toBe(200);
    expect((await people.partnerships.get('/v1/partners')).status).toBe(200);
  });
});
