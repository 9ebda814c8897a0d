import { expect } from 'vitest';
import { ClaimedKey } from '../../src/demo/contract.js';
import { Person } from '../../src/demo/person.js';
import { Answer, ask, Given, question } from './given.js';
import { Stage } from './stage.js';

/** A refusal, as far as tests look. */
export interface Refused {
  code: string;
  pointer: string;
  expected: string;
  detail: string;
  errors: { pointer: string; code: string; expected?: string }[];
}

/**
 * Asks on behalf of a person of the story, whatever comes of it: a refusal is an answer too. Whoever's log-in is too old
 * to sign with logs in again, so that a test may move the clock as far as it likes.
 */
export async function post<Body = Record<string, unknown>>(
  stage: Stage,
  person: Person,
  path: string,
  body: object = {},
): Promise<Answer<Body & Refused>> {
  return ask(`${stage.apiUrl}${path}`, { token: await person.freshToken(), body });
}

/** The same for reading. */
export async function get<Body = Record<string, unknown>>(
  stage: Stage,
  person: Person,
  path: string,
): Promise<Answer<Body & Refused>> {
  return ask(`${stage.apiUrl}${path}`, { method: 'GET', token: await person.freshToken() });
}

/** What was answered; fails with the refusal where it was one. */
export function done<Body>({ status, body }: Answer<Body>): Body {
  expect([200, 201], JSON.stringify(body)).toContain(status);
  return body;
}

/** One more person of the lab. */
export async function recruit({ cast, stage }: Given, name: string, roles: string[]): Promise<Person> {
  const email = `${name.toLowerCase().replaceAll(' ', '.')}@lab.example`;
  const { token } = await cast.admin.post<{ token: string }>('/v1/invitations', { email, roles });
  return new Person(name, email, stage.apiUrl, stage.clock).join(token);
}

/** One more person of the partner, by the address that is given or one of their name. */
export async function recruitPartner(
  { cast, stage, organisationId }: Given,
  name: string,
  roles: string[],
): Promise<Person> {
  const domain = cast.partnerAdmin.email.slice(cast.partnerAdmin.email.indexOf('@'));
  const email = `${name.toLowerCase().replaceAll(' ', '.')}${domain}`;
  const path = `/v1/partners/${organisationId}/invitations`;
  const { token } = await cast.partnerAdmin.post<{ token: string }>(path, { email, roles });
  return new Person(name, email, stage.apiUrl, stage.clock).join(token);
}

/** What a gateway was told. */
export interface Decided {
  decision: string;
  code: string;
  authorization: string | null;
  agreement_version: number | null;
  limits: { quota: string; limit: number; remaining: number }[];
  reasons: { clauseRef: string; rule: string }[];
}

/** Asks as a gateway whether a key may be used now. */
export async function decide(story: Given, key: ClaimedKey, changes: object = {}): Promise<Decided> {
  const token = story.gatewayCredential;
  return done(
    await ask<Decided>(`${story.stage.gatewayUrl}/v1/authorizations`, { token, body: question(key, changes) }),
  );
}

/** The events of the audit log about a thing, oldest first, behind the application's back. */
export async function eventsOf(stage: Stage, subjectId: string): Promise<string[]> {
  const rows = await stage.sql<{ action: string }>('SELECT action FROM audit_entry WHERE subject_id = $1 ORDER BY id', [
    subjectId,
  ]);
  return rows.map(({ action }) => action);
}
