import { Person } from '../../src/demo/person.js';
import { done, post } from './desk.js';
import { Given } from './given.js';

/** A notice as the API tells of it, as far as tests look. */
export interface NoticeView {
  id: string;
  kind: string;
  state: string;
  status: string;
  servedSide: string;
  addresses: string[];
  receivedAt: string;
  acknowledgedAt: string | null;
  cureBy: string | null;
  prohibitedUse: string | null;
  remedy: string | null;
  decision: string | null;
  allowedActions: string[];
}

const breach = { kind: 'breach', clauseRef: '3', body: 'On 3 March a key ran what the terms prohibit.' };

/** Tries to serve a notice under an agreement: of breach, unless a test says otherwise. */
export function serve({ stage }: Given, agreementId: string, by: Person, more: object = {}) {
  return post<NoticeView>(stage, by, `/v1/agreements/${agreementId}/notices`, { ...breach, ...more });
}

/** Gives a command about a notice, with its body where it takes one. */
export function tellOf(
  { stage }: Given,
  { id }: { id: string },
  by: Person,
  ...command: [noun: string, body?: object]
) {
  const [noun, body] = command;
  return post<NoticeView>(stage, by, `/v1/notices/${id}/${noun}`, body);
}

/** A notice of breach that the lab has served. */
export async function breachBy(story: Given, agreementId: string, by = story.cast.compliance, more: object = {}) {
  return done(await serve(story, agreementId, by, more));
}

/** Has the partner remedy a breach and the lab accept the remedy. */
export async function cure(story: Given, notice: { id: string }): Promise<NoticeView> {
  done(await tellOf(story, notice, story.cast.partnerAdmin, 'remedy', { remedy: 'The suite was removed.' }));
  return done(await tellOf(story, notice, story.cast.approver, 'remedy-acceptance', { decision: 'That will do.' }));
}
