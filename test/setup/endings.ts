import { Person } from '../../src/demo/person.js';
import { done, post } from './desk.js';
import { Given } from './given.js';

/** A termination as the API tells of it, as far as tests look. */
export interface TerminationView {
  id: string;
  state: string;
  confirmedAt: string | null;
  allowedActions: string[];
}

/** Tries to propose the end of an agreement. */
export function proposeEnd({ stage }: Given, agreementId: string, by: Person, body: object) {
  const path = `/v1/agreements/${agreementId}/terminations`;
  return post<TerminationView>(stage, by, path, { reason: 'It is time.', ...body });
}

/** Tries to confirm it. */
export function confirmEnd({ stage }: Given, { id }: { id: string }, by: Person) {
  return post<TerminationView>(stage, by, `/v1/terminations/${id}/confirmation`);
}

/** Ends an agreement at this instant by the word of both parties. */
export async function terminate(story: Given, agreementId: string): Promise<void> {
  const proposed = done(await proposeEnd(story, agreementId, story.cast.labSignatory, { kind: 'mutual' }));
  done(await confirmEnd(story, proposed, story.cast.partnerSignatory));
}
