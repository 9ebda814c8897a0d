import { Callers } from './caller.js';
import { Answer } from './given.js';

/** A partner organisation as the API tells of it, or a refusal, as far as tests look. */
export interface Partner {
  id: string;
  state: string;
  contacts: { id: string; kind: string; name: string; email: string }[];
  networks: string[];
  dueDiligence: object | null;
  suspensions: object[];
  allowedActions: string[];
  endedAt: string | null;
  endReason: string | null;
  version: number;
  code?: string;
}

export const signatory = { kind: 'signatory', name: 'Sam Signatory', email: 'sam@other.example' };
export const notice = { kind: 'notice', name: 'General Counsel', email: 'notices@other.example' };
export const checks = {
  sanctions: { outcome: 'clear', source: 'EU consolidated list' },
  conflict: { outcome: 'accepted_risk', source: 'Register of interests' },
};

let names = 0;

/** A prospect's facts under a name that no other has. */
export function prospect(contacts: object[] = [signatory, notice]) {
  names += 1;
  const facts = { country: 'FR', emailDomains: ['other.example'], competitor: true };
  return { legalName: `Other Laboratory ${names}`, ...facts, contacts };
}

/** Enters a prospect. */
export async function enter(people: Callers, contacts?: object[]): Promise<Partner> {
  return (await people.partnerships.post<Partner>('/v1/partners', prospect(contacts))).body;
}

/** Enters a prospect and submits it. */
export async function submitted(people: Callers): Promise<Partner> {
  const { id } = await enter(people);
  return (await submit(people, id)).body;
}

/** Enters a prospect and takes it to where it may be a party. */
export async function active(people: Callers): Promise<Partner> {
  const { id } = await submitted(people);
  return (await approve(people, id)).body;
}

export function submit(people: Callers, id: string): Promise<Answer<Partner>> {
  return people.partnerships.post<Partner>(`/v1/partners/${id}/submission`);
}

export function approve(people: Callers, id: string): Promise<Answer<Partner>> {
  return people.approver.post<Partner>(`/v1/partners/${id}/approval`, checks);
}

export async function read(people: Callers, id: string): Promise<Partner> {
  return (await people.compliance.get<Partner>(`/v1/partners/${id}`)).body;
}
