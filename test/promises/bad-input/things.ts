import { generateKeyPairSync } from 'node:crypto';
import { day, hour } from '../../../src/kernel/clock.js';
import { Caller, Callers, callersOf, enlist } from '../../setup/caller.js';
import { given, Given } from '../../setup/given.js';
import { quarantinedLease } from '../../setup/leases.js';
import { made, Negotiation, UnderWay } from '../../setup/negotiation.js';
import { active, enter, submitted } from '../../setup/partners.js';
import { Owed, prepareOwed } from './owed.js';
import { prepareWork, Work } from './work.js';
import { newSigner, proveSigningKey, registerSigningKey, Signer, SigningKey } from '../../setup/signing-keys.js';
import { Stage } from '../../setup/stage.js';

/** A text in each state in which it takes a command. */
export interface Texts {
  draft: UnderWay;
  /** The partner answers next. */
  negotiated: UnderWay;
  inApproval: UnderWay;
  released: UnderWay;
  signed: UnderWay;
}

/** One of everything, in the states that take commands. Nothing changes them for longer than a request. */
export interface Things {
  stage: Stage;
  story: Given;
  people: Callers;
  partners: { prospect: string; underReview: string; free: string };
  keys: { registered: SigningKey; signer: Signer; proved: SigningKey };
  agreements: Texts;
  amendments: Texts;
  /** An administrative amendment that waits for the partner’s acknowledgement. */
  acknowledgeable: UnderWay;
  /** An executed agreement without notices, and one with them. */
  executed: UnderWay;
  noticed: UnderWay;
  notices: { breach: string; remedied: string };
  termination: string;
  delegation: string;
  suspension: string;
  /** What a lost node was lent, in quarantine. */
  lease: string;
  compliancePerson: string;
  owed: Owed;
  work: Work;
  /** A template, and parameters that fit it. */
  template: { name: string; example: Record<string, unknown> };
  researcher: string;
  /** A researcher who is on no roster. */
  newcomer: string;
}

interface Made {
  id: string;
}

/** Makes all of it over HTTP. */
export async function prepareThings(stage: Stage): Promise<Things> {
  const story = await given.activeAgreement(stage);
  const people = await callersOf(stage, story.cast);
  const negotiation = new Negotiation(people, story);
  const executed = await negotiation.executed({ limit: 1 });
  const noticed = await negotiation.executed({ limit: 2 });
  const amendment = (limit: number) => negotiation.amendment(executed.id, { limit });
  const place = { stage, organisationId: story.organisationId };
  const newcomer = await enlist(people.partnerAdmin, place, 'Nia Newcomer', ['researcher']);
  return {
    stage,
    story,
    people,
    partners: {
      prospect: (await enter(people)).id,
      underReview: (await submitted(people)).id,
      free: (await active(people)).id,
    },
    keys: await prepareKeys(story),
    agreements: await prepareTexts(people, negotiation, (limit) => negotiation.agreement({ limit })),
    amendments: await prepareTexts(people, negotiation, amendment),
    acknowledgeable: await acknowledgeable(people, negotiation, executed),
    executed,
    noticed,
    notices: await prepareNotices(people, noticed),
    ...(await prepareRest(people, stage, executed)),
    lease: await quarantinedLease(story),
    owed: await prepareOwed(people, negotiation, story),
    work: await prepareWork(people, story),
    template: await anyTemplate(people),
    researcher: await idOf(people.researcher),
    newcomer: await idOf(newcomer),
  };
}

/** A public key that nobody has registered. */
export function freshPublicKey(): string {
  return generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x!;
}

/** An instant so many hours from now. */
export function inHours({ clock }: Stage, hours: number): string {
  return new Date(clock.now().getTime() + hours * hour).toISOString();
}

async function anyTemplate({ partnerships }: Callers): Promise<Things['template']> {
  const { body } = await partnerships.get<{ data: { name: string }[] }>('/v1/templates');
  return (await partnerships.get<Things['template']>(`/v1/templates/${body.data[0]!.name}`)).body;
}

async function idOf(person: Caller): Promise<string> {
  return (await person.get<Made>('/v1/me')).body.id;
}

async function prepareKeys({ cast, organisationId }: Given): Promise<Things['keys']> {
  const signer = newSigner();
  return {
    registered: await registerSigningKey(cast.partnerAdmin, organisationId, signer),
    signer,
    proved: await proveSigningKey(cast.partnerAdmin, organisationId),
  };
}

async function prepareTexts(
  people: Callers,
  negotiation: Negotiation,
  draft: (limit: number) => Promise<UnderWay>,
): Promise<Texts> {
  const [draftOne, negotiated, inApproval, released, signed] = [
    await draft(11),
    await draft(12),
    await draft(13),
    await draft(14),
    await draft(15),
  ];
  made(await people.partnerships.post(`${negotiated.at}/proposal`));
  for (const text of [inApproval, released, signed]) await negotiation.accept(text);
  for (const text of [released, signed]) await negotiation.approve(text);
  made(await negotiation.sign(signed));
  return { draft: draftOne, negotiated, inApproval, released, signed };
}

async function acknowledgeable(people: Callers, negotiation: Negotiation, of: UnderWay): Promise<UnderWay> {
  const { terms, prose } = negotiation.text({ limit: 1 });
  const addresses = [terms.notices.addresses[0]!, { party: 'evaluator', email: 'legal@rival.example' }];
  const answer = await people.partnerships.post<Made & { headDigest: string }>(`${of.at}/amendments`, {
    terms: { ...terms, notices: { ...terms.notices, addresses } },
    prose,
    kind: 'administrative',
    effectiveFrom: new Date(Date.parse(terms.term.effectiveFrom) + day).toISOString(),
    rationale: 'Another address.',
  });
  const { id, headDigest } = made(answer);
  const text = { id, at: `/v1/amendments/${id}`, digest: headDigest };
  made(await people.partnerships.post(`${text.at}/submission`));
  await negotiation.approve(text);
  return text;
}

async function prepareNotices(people: Callers, of: UnderWay): Promise<Things['notices']> {
  const serve = async () => {
    const body = { kind: 'breach', clauseRef: '3', body: 'You trained on it.' };
    return made(await people.compliance.post<Made>(`${of.at}/notices`, body)).id;
  };
  const [breach, remedied] = [await serve(), await serve()];
  made(await people.partnerAdmin.post(`/v1/notices/${remedied}/remedy`, { remedy: 'We stopped.' }));
  return { breach, remedied };
}

async function idFrom(by: Caller, path: string, body: object): Promise<string> {
  return made(await by.post<Made>(path, body)).id;
}

async function prepareRest(people: Callers, stage: Stage, { at }: UnderWay) {
  const ending = { kind: 'mutual', reason: 'An example.' };
  const stop = { scope: 'model', target: 'atlas-2', reasonCode: 'security', reason: 'An example.' };
  const compliancePerson = await idOf(people.compliance);
  const delegation = {
    delegateId: compliancePerson,
    stage: 'legal',
    from: inHours(stage, 1),
    until: inHours(stage, 2),
    reason: 'An example.',
  };
  return {
    compliancePerson,
    termination: await idFrom(people.approver, `${at}/terminations`, ending),
    suspension: await idFrom(people.compliance, `${at}/suspensions`, stop),
    delegation: await idFrom(people.approver, '/v1/approval-delegations', delegation),
  };
}
