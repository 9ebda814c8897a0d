import { Cast } from '../../src/demo/contract.js';
import { Answer, ask } from './given.js';
import { Stage } from './stage.js';

/** The password of everybody in the story. */
export const password = 'correct horse battery staple';

/** What a log-in hands out. */
export interface Tokens {
  accessToken: string;
  expiresAt: string;
  refreshToken: string;
}

/** Logs in; fails where the log-in does. */
export async function logIn(stage: Stage, email: string): Promise<Tokens> {
  const { status, body } = await ask<Tokens>(`${stage.apiUrl}/v1/sessions`, { body: { email, password } });
  if (status !== 201) throw new Error(`${email} could not log in: ${status}`);
  return body;
}

/** Somebody with a token, who is told whatever comes of a request: a refusal is an answer too. */
export class Caller {
  constructor(
    private readonly stage: Stage,
    readonly token?: string,
  ) {}

  post<Body = Record<string, unknown>>(path: string, body?: unknown, headers = {}): Promise<Answer<Body>> {
    return this.send('POST', path, { body, headers });
  }

  put<Body = Record<string, unknown>>(path: string, body?: unknown, headers = {}): Promise<Answer<Body>> {
    return this.send('PUT', path, { body, headers });
  }

  get<Body = Record<string, unknown>>(path: string, headers = {}): Promise<Answer<Body>> {
    return this.send('GET', path, { headers });
  }

  delete<Body = Record<string, unknown>>(path: string): Promise<Answer<Body>> {
    return this.send('DELETE', path, {});
  }

  private send<Body>(method: string, path: string, more: object): Promise<Answer<Body>> {
    return ask<Body>(this.stage.apiUrl + path, { method, token: this.token, ...more });
  }
}

/** Logs in under an address. */
export async function callerOf(stage: Stage, email: string): Promise<Caller> {
  return new Caller(stage, (await logIn(stage, email)).accessToken);
}

export type Callers = Record<keyof Cast, Caller>;

/** Everybody of the story, logged in afresh. */
export async function callersOf(stage: Stage, cast: Cast): Promise<Callers> {
  const entries = Object.entries(cast).map(async ([part, { email }]) => [part, await callerOf(stage, email)]);
  return Object.fromEntries(await Promise.all(entries)) as Callers;
}

/** Opens an account with an invitation of the API. */
export async function joinWith(stage: Stage, token: string, name: string, email?: string): Promise<Caller> {
  const body = { token, name, password, ...(email !== undefined && { email }) };
  const { status, body: user } = await ask<{ email: string }>(`${stage.apiUrl}/v1/invitations/accept`, { body });
  if (status !== 201) throw new Error(`${name} could not join: ${status}`);
  return callerOf(stage, user.email);
}

/** Hires one more person of the lab. */
export async function hire(stage: Stage, admin: Caller, name: string, roles: string[]): Promise<Caller> {
  const email = `${name.toLowerCase().replaceAll(' ', '.')}@lab.example`;
  const { body } = await admin.post<{ token: string }>('/v1/invitations', { email, roles });
  return joinWith(stage, body.token, name);
}

/** Lets one more person of the partner join. */
export async function enlist(
  by: Caller,
  place: { stage: Stage; organisationId: string },
  name: string,
  roles: string[],
) {
  const email = `${name.toLowerCase().replaceAll(' ', '.')}@rival.example`;
  const path = `/v1/partners/${place.organisationId}/invitations`;
  const { body } = await by.post<{ token: string }>(path, { email, roles });
  return joinWith(place.stage, body.token, name);
}

/** The answers of a list, by status. */
export function countStatuses(answers: readonly { status: number }[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

/** A number of the same promise under way at once. */
export function inParallel<T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => work(index)));
}
