import { expect } from 'vitest';
import { prose, termsOf } from '../../src/demo/agreement.js';
import { day } from '../../src/kernel/clock.js';
import { Terms } from '../../src/terms/terms.js';
import { Callers } from './caller.js';
import { Stage } from './stage.js';

interface Drafted {
  id: string;
  headDigest: string;
}

/** Where an agreement is made, and for how many days it holds. */
interface Setting {
  stage: Stage;
  people: Callers;
  organisationId: string;
  days: number;
  /** After how many days it begins; at once where nothing is said. */
  begins?: number;
}

/** Executes an agreement over HTTP with the usual terms but for what a test changes. Log-ins must be fresh. */
export async function agreed(setting: Setting, changes: Partial<Terms> = {}): Promise<string> {
  const { stage, people, organisationId, days, begins = 0 } = setting;
  const from = new Date(stage.clock.now().getTime() + begins * day);
  const terms = { ...termsOf(from, new Date(from.getTime() + days * day), 10), ...changes };
  const draft = { organisationId, title: 'An agreement', terms, prose };
  const { body } = await people.partnerships.post<Drafted>('/v1/agreements', draft);
  const [at, digest] = [`/v1/agreements/${body.id}`, body.headDigest];
  const sign = (legalName: string) => ({ digest, legalName, title: 'T', intendToSign: true, authorisedToBind: true });
  await people.partnerships.post(`${at}/proposal`);
  await people.partnerAdmin.post(`${at}/acceptance`, { digest });
  await people.approver.post(`${at}/approvals`, { digest, stage: 'approver' });
  await people.partnerSignatory.post(`${at}/signature`, sign('Sam Signatory'));
  const executed = await people.labSignatory.post(`${at}/countersignature`, sign('Grace Signatory'));
  expect(executed.status, JSON.stringify(executed.body)).toBe(201);
  return body.id;
}
