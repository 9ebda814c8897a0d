import { decodeJwt, JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cast } from '../../src/demo/contract.js';
import { password, Person } from '../../src/demo/person.js';
import { minute } from '../../src/kernel/clock.js';
import { furnish } from '../setup/contract-life.js';
import { registerSigningKey } from '../setup/signing-keys.js';
import { Answer, ask, given, Given, letADayPass, question } from '../setup/given.js';
import { lend, lostNode, windowOf } from '../setup/leases.js';
import { openStage, Stage, testTokenSecret } from '../setup/stage.js';
import { documentation, matrix } from './authorization-matrix.js';
import { labRoles, partnerRoles, Role, Row } from './authorization-row.js';
import { routesOf } from './running-routes.js';

const absentId = '00000000-0000-7000-8000-000000000000';
const malformedId = 'not-an-id';

const roles: Record<Exclude<Role, 'gateway'>, keyof Cast> = {
  partnerships: 'partnerships',
  approver: 'approver',
  lab_signatory: 'labSignatory',
  compliance: 'compliance',
  admin: 'admin',
  partner_admin: 'partnerAdmin',
  partner_signatory: 'partnerSignatory',
  researcher: 'researcher',
};

/** The lists of the API, by the name that paths give their things. */
const lists = [
  'agreements',
  'amendments',
  'audit-entries',
  'campaigns',
  'findings',
  'invitations',
  'key-requests',
  'keys',
  'notices',
  'obligations',
  'partners',
  'publication-reviews',
  'quota-leases',
  'quota-windows',
  'roster',
  'runs',
  'statements',
  'suspensions',
  'terminations',
  'users',
] as const;

type Ids = Record<string, string[]>;

let stage: Stage;
let own: Given;
let other: Given;
/** What each organisation's admin sees of each list. */
let ownIds: Ids;
let otherIds: Ids;
let tokens: Map<Role | 'nobody', string | undefined>;

beforeAll(async () => {
  stage = await openStage();
  own = await given.activeAgreement(stage);
  other = await given.anotherRival(own);
  for (const { cast, keys, organisationId } of [own, other]) {
    await registerSigningKey(cast.partnerAdmin, organisationId);
    const because = { reasonCode: 'security', reason: 'A look at it' };
    await cast.partnerAdmin.post(`/v1/keys/${keys[2]!.id}/suspensions`, because);
  }
  await furnish(own);
  await furnish(other);
  await letADayPass(own, other);
  for (const story of [own, other]) {
    await lend(stage, await lostNode(stage), { windowId: await windowOf(story, 'code-requests-daily'), granted: 5 });
  }
  [ownIds, otherIds] = [await idsSeenBy(own.cast.partnerAdmin), await idsSeenBy(other.cast.partnerAdmin)];
  tokens = new Map<Role | 'nobody', string | undefined>([
    ['nobody', undefined],
    ['gateway', own.gatewayCredential],
  ]);
  for (const role of [...labRoles, ...partnerRoles]) tokens.set(role, await logIn(own.cast[roles[role]]));
});

afterAll(() => stage.stop());

describe('the routes of the running application', () => {
  it('are those that the matrix decides about, each way', () => {
    expect(routesOf(stage.app).toSorted()).toEqual([...Object.keys(matrix), ...documentation].toSorted());
  });

  it.each(documentation)('%s shows the documentation to everyone, or hides what is not ours', async (route) => {
    const { status } = await ask(stage.apiUrl + route.split(' ')[1], { method: 'GET' });
    expect(status).toBe(route.endsWith('LICENSE') ? 404 : 200);
  });
});

describe('a route lets in whom the matrix names, and nobody else', () => {
  it.each(Object.entries(matrix))('%s', async (route, row) => {
    const outcomes: Record<string, number | string> = {};
    for (const [role, token] of tokens) outcomes[role] = verdict(await callRow(route, row, token));
    expect(outcomes).toEqual(
      Object.fromEntries([...tokens.keys()].map((role) => [role, expectedOf(route, row, role)])),
    );
  });

  it('POST /v1/authorizations on the gateway’s listener: a gateway in good standing, and no person', async () => {
    const statuses: Record<string, number> = {};
    for (const [role, token] of tokens) {
      const answer = await ask(`${stage.gatewayUrl}/v1/authorizations`, { token, body: question(own.keys[0]!) });
      statuses[role] = answer.status;
    }
    expect(statuses).toEqual(
      Object.fromEntries([...tokens.keys()].map((role) => [role, role === 'gateway' ? 200 : 401])),
    );
  });
});

const naming = Object.entries(matrix).filter(([route]) => route.includes('/:id'));
const partnersMay = naming.filter(([, { may }]) => partnerRoles.some((role) => may.includes(role)));

describe('what belongs to another organisation does not exist', () => {
  it.each(partnersMay)('%s', async (route, row) => {
    const theirs = otherIds[thingOf(route)]![0]!;
    expect(ownIds[thingOf(route)]).not.toContain(theirs);
    for (const role of partnerRoles.filter((one) => row.may.includes(one))) {
      const token = await own.cast[roles[role]].freshToken();
      const answers = await Promise.all([theirs, absentId, malformedId].map((id) => call(route, row, { id, token })));
      expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
      const [foreign, absent, malformed] = answers.map(comparable);
      expect(foreign).toBe(absent);
      expect(malformed).toBe(absent);
    }
  });

  it.each(naming)('to the lab, what cannot be an id is what no thing has: %s', async (route, row) => {
    for (const role of labRoles.filter((one) => row.may.includes(one))) {
      const token = await own.cast[roles[role]].freshToken();
      const answers = await Promise.all([absentId, malformedId].map((id) => call(route, row, { id, token })));
      expect(answers.map(({ status }) => status)).toEqual([404, 404]);
      expect(comparable(answers[0]!)).toBe(comparable(answers[1]!));
    }
  });

  it.each(['2', '0', '-1', '99999999999', '9'.repeat(400), 'one', '1e3', '%00'])(
    'there is no revision %s, whatever that is',
    async (number) => {
      const token = await own.cast.partnerAdmin.freshToken();
      const path = `/v1/agreements/${own.agreementId}/revisions`;
      const [answer, absent] = await Promise.all(
        [`${path}/${number}`, `${path}/77`].map((one) => ask(stage.apiUrl + one, { method: 'GET', token })),
      );
      expect(answer!.status).toBe(404);
      expect(comparable(answer!)).toBe(comparable(absent!));
    },
  );
});

describe('lists show one’s own rows', () => {
  it.each(lists)('of %s, two organisations share none, and the lab sees both', async (list) => {
    expect(ownIds[list]).not.toEqual([]);
    expect(otherIds[list]).not.toEqual([]);
    expect(ownIds[list]!.filter((id) => otherIds[list]!.includes(id))).toEqual([]);
    const seer = list === 'invitations' ? own.cast.admin : own.cast.compliance;
    const all = (await seer.all<{ id: string }>(`/v1/${list}`)).map(({ id }) => id);
    expect(all).toEqual(expect.arrayContaining([...ownIds[list]!, ...otherIds[list]!]));
  });

  it.each(lists)('of %s, a cursor at another organisation’s row leads to one’s own', async (list) => {
    const theirs = otherIds[list]!.toSorted().at(-1)!;
    const cursor = Buffer.from(theirs).toString('base64url');
    const all = await own.cast.partnerAdmin.all<{ id: string }>(`/v1/${list}`);
    const older = await own.cast.partnerAdmin.all<{ id: string }>(`/v1/${list}?cursor=${cursor}`);
    expect(older).toEqual(all.filter(({ id }) => id < theirs));
  });
});

describe('an id in a query or a body opens nothing', () => {
  it.each([
    'campaigns',
    'findings',
    'key-requests',
    'keys',
    'notices',
    'obligations',
    'publication-reviews',
    'quota-leases',
    'quota-windows',
    'roster',
    'runs',
    'statements',
    'suspensions',
  ])('GET /v1/%s?agreementId= of another organisation is a list without rows, as of none', async (list) => {
    const by = askingFor(`/v1/${list}`, 'agreementId');
    const [foreign, absent, mine, malformed] = await each(
      by,
      other.agreementId,
      absentId,
      own.agreementId,
      malformedId,
    );
    expect(foreign!.body).toEqual({ data: [], next_cursor: null });
    expect(comparable(foreign!)).toBe(comparable(absent!));
    expect(mine!.body.data).not.toEqual([]);
    expect(malformed!.body).toMatchObject({ status: 422, pointer: '/agreementId' });
  });

  it('GET /v1/audit-entries?subject= of another organisation is a list without rows, as of none', async () => {
    const by = askingFor('/v1/audit-entries', 'subject');
    const [foreign, absent, mine] = await each(by, other.agreementId, absentId, own.agreementId);
    expect(foreign!.body).toEqual({ data: [], next_cursor: null });
    expect(comparable(foreign!)).toBe(comparable(absent!));
    expect(mine!.body.data).not.toEqual([]);
  });

  it('GET /v1/usage?agreementId= of another organisation is not found, as of none', async () => {
    const by = askingFor('/v1/usage', 'agreementId');
    const [foreign, absent, mine] = await each(by, other.agreementId, absentId, own.agreementId);
    expect(foreign!.status).toBe(404);
    expect(comparable(foreign!)).toBe(comparable(absent!));
    expect(mine!.status).toBe(200);
  });

  it('another organisation’s researcher goes on no roster, as one who does not exist', async () => {
    const path = `/v1/agreements/${own.agreementId}/roster`;
    const by = (userId: string) => asPartner('POST', path, { userId, identityCheck: 'sso' });
    const [foreign, absent] = await each(by, await idOf(other.cast.researcher), absentId);
    expect(foreign!.body).toMatchObject({ status: 422, pointer: '/userId' });
    expect(comparable(foreign!)).toBe(comparable(absent!));
  });

  it('another organisation’s researcher leads no campaign, as one who does not exist', async () => {
    const { data } = await own.cast.partnerAdmin.get<{ data: object[] }>('/v1/campaigns');
    const { title, purpose, models, evaluationSets, startsAt, endsAt, expectedRequests } = data[0] as Record<
      string,
      unknown
    >;
    const campaign = { title, purpose, models, evaluationSets, startsAt, endsAt, expectedRequests };
    const path = `/v1/agreements/${own.agreementId}/campaigns`;
    const by = (leadId: string) => asPartner('POST', path, { ...campaign, leadId });
    const [foreign, absent, mine] = await each(
      by,
      await idOf(other.cast.researcher),
      absentId,
      await idOf(own.cast.researcher),
    );
    expect(foreign!.body).toMatchObject({ status: 422, pointer: '/leadId' });
    expect(comparable(foreign!)).toBe(comparable(absent!));
    expect(mine!.status).toBe(201);
  });

  it('the digest of another organisation’s agreement is no better than that of no text', async () => {
    const first = await own.cast.partnerships.get(`/v1/agreements/${own.agreementId}/revisions/1`);
    const draft = { organisationId: own.organisationId, title: 'Another', terms: first.terms, prose: first.prose };
    const { id } = await own.cast.partnerships.post<{ id: string }>('/v1/agreements', draft);
    await own.cast.partnerships.post(`/v1/agreements/${id}/proposal`);
    const { digest } = await other.cast.partnerAdmin.get<{ digest: string }>(
      `/v1/agreements/${other.agreementId}/revisions/1`,
    );
    const by = (text: string) => asPartner('POST', `/v1/agreements/${id}/acceptance`, { digest: text });
    const [foreign, absent] = await each(by, digest, `sha-256:${'0'.repeat(64)}`);
    expect(foreign!.body).toMatchObject({ status: 409, code: 'digest_mismatch' });
    expect(comparable(foreign!)).toBe(comparable(absent!));
  });
});

describe('a token that is not one of ours, now, is nobody’s', () => {
  const header = { alg: 'HS256', typ: 'at+jwt' };
  let claims: JWTPayload;
  let until: Date;

  beforeAll(async () => {
    claims = decodeJwt(await own.cast.compliance.freshToken());
    until = new Date(stage.clock.now().getTime() + minute);
  });

  const sign = (payload: JWTPayload, secret: Uint8Array = testTokenSecret, alg = 'HS256') =>
    new SignJWT(payload).setProtectedHeader({ ...header, alg }).sign(secret);

  it('one made as ours are made is taken, so each of these fails by its one fault', async () => {
    expect(await me(await sign({ ...claims, exp: seconds(until) }))).toBe(200);
  });

  it.each<[string, (claims: JWTPayload) => string | Promise<string>]>([
    ['garbage', () => 'garbage'],
    ['three parts of garbage', () => 'a.b.c'],
    ['no algorithm', (good) => new UnsecuredJWT(good).encode()],
    ['another secret', (good) => sign(good, Buffer.from('another secret of the same length and more'))],
    [
      'another algorithm of the same family',
      (good) => sign(good, Buffer.concat([testTokenSecret, testTokenSecret]), 'HS512'),
    ],
    ['another audience', (good) => sign({ ...good, aud: 'another' })],
    ['no audience', (good) => sign({ ...good, aud: undefined })],
    ['another issuer', (good) => sign({ ...good, iss: 'another' })],
    ['no issuer', (good) => sign({ ...good, iss: undefined })],
    ['an end that has come', (good) => sign({ ...good, exp: seconds(stage.clock.now()) })],
    ['no end', (good) => sign({ ...good, exp: undefined })],
    ['no session', (good) => sign({ ...good, sid: undefined })],
    ['a session of nobody', (good) => sign({ ...good, sid: absentId })],
    ['another person’s session', async (good) => sign({ ...good, sub: await idOf(own.cast.admin) })],
    ['what is no id for a subject', (good) => sign({ ...good, sub: malformedId })],
    [
      'a changed payload',
      async (good) => {
        const [head, , signature] = (await sign(good)).split('.');
        return [head, Buffer.from(JSON.stringify({ ...good, sub: absentId })).toString('base64url'), signature].join(
          '.',
        );
      },
    ],
  ])('with %s', async (_, make) => {
    expect(await me(await make({ ...claims, exp: seconds(until) }))).toBe(401);
  });

  it('once its quarter of an hour has passed', async () => {
    const token = await own.cast.compliance.freshToken();
    expect(await me(token)).toBe(200);
    stage.clock.advance(15 * minute);
    expect(await me(token)).toBe(401);
  });
});

/** A call as the matrix makes it: reads name a real thing of one's own, commands one that does not exist. */
function callRow(route: string, row: Row, token: string | undefined): Promise<Answer> {
  const id = route.startsWith('GET') ? ownIds[thingOf(route)]?.[0] : absentId;
  return call(route, row, { id: thingOf(route) === 'agreements' && id !== absentId ? own.agreementId : id, token });
}

function call(route: string, row: Row, { id = '', token }: { id?: string; token?: string }): Promise<Answer> {
  const [method, pattern] = route.split(' ') as [string, string];
  const named = pattern.replace(':number', '1').replace(':contactId', absentId).replace(':name', 'joint-exercise');
  const path = named.replace(':id', id).replace(':seq', '999999999');
  const query = row.query ? `?${row.query(own)}` : '';
  const body = method === 'GET' ? undefined : (row.body ?? {});
  return ask(stage.apiUrl + path + query, { method, token, body });
}

/** The things that a route's id names. */
function thingOf(route: string): string {
  return /\/v1\/([^/]+)\/:id/.exec(route)?.[1] ?? '';
}

/** Asks for a path with an id in its query, as our partner's admin. */
function askingFor(path: string, name: string): (id: string) => Promise<Answer> {
  return (id) => asPartner('GET', `${path}?${name}=${id}`);
}

async function asPartner(method: string, path: string, body?: object): Promise<Answer> {
  return ask(stage.apiUrl + path, { method, body, token: await own.cast.partnerAdmin.freshToken() });
}

/** One after the other, so that they do not stand in each other's way. */
async function each(by: (id: string) => Promise<Answer>, ...ids: string[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const id of ids) answers.push(await by(id));
  return answers;
}

/** An answer's whole text but for the id of the request. */
function comparable({ status, body }: Answer): string {
  return JSON.stringify({ status, body: { ...body, request_id: undefined } });
}

async function idsSeenBy(person: Person): Promise<Ids> {
  const ids: Ids = {};
  for (const list of lists) ids[list] = (await person.all<{ id: string }>(`/v1/${list}`)).map(({ id }) => id);
  const { organisationId } = await person.get<{ organisationId: string }>('/v1/me');
  const signingKeys = await person.all<{ id: string }>(`/v1/partners/${organisationId}/signing-keys`);
  ids['signing-keys'] = signingKeys.map(({ id }) => id);
  return ids;
}

async function idOf(person: Person): Promise<string> {
  return (await person.get<{ id: string }>('/v1/me')).id;
}

async function logIn({ email }: Person): Promise<string> {
  const { body } = await ask<{ accessToken: string }>(`${stage.apiUrl}/v1/sessions`, { body: { email, password } });
  return body.accessToken;
}

function expectedOf(route: string, { may, answers }: Row, role: Role | 'nobody'): number | string {
  if (may !== 'public' && role === 'nobody') return 'unauthenticated';
  if (may !== 'public' && !may.includes(role as Role)) return 'wrong role';
  return answers ?? (route.startsWith('GET') ? 200 : route.includes('/:id') ? 404 : 422);
}

/** A refusal for the role is told by its words from one that follows from who this very person is. */
function verdict({ status, body }: Answer): number | string {
  if (status === 401 && body.code === 'unauthenticated') return 'unauthenticated';
  const byRole = 'None of your roles carries the permission that this route asks for.';
  if (status === 403 && body.code === 'forbidden' && body.detail === byRole) return 'wrong role';
  return status;
}

async function me(token: string): Promise<number> {
  return (await ask(`${stage.apiUrl}/v1/me`, { method: 'GET', token })).status;
}

function seconds(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}
