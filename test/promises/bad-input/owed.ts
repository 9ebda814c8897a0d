import { models } from '../../../src/demo/agreement.js';
import { Caller, Callers } from '../../setup/caller.js';
import { Given } from '../../setup/given.js';
import { made, Negotiation } from '../../setup/negotiation.js';

/** What a partner owes and wants to publish, in the states that take commands. */
export interface Owed {
  /** An obligation for which nothing was handed in, and one for which something was. */
  open: string;
  submitted: string;
  review: string;
  /** An agreement whose terms ask to disclose what is discovered. */
  disclosing: string;
}

/** Two reports that are due, a manuscript under review, and an agreement under which discoveries are disclosed. */
export async function prepareOwed(people: Callers, negotiation: Negotiation, story: Given): Promise<Owed> {
  const at = `/v1/agreements/${story.agreementId}`;
  for (const title of ['The first of two', 'The second of two']) await completeCampaign(people, story, title);
  const { body } = await people.partnerAdmin.get<{ data: { id: string }[] }>(
    `/v1/obligations?agreementId=${story.agreementId}`,
  );
  const [open, submitted] = body.data.map(({ id }) => id) as [string, string];
  await idFrom(people.partnerAdmin, `/v1/obligations/${submitted}/submissions`, { statement: 'The report.' });
  const manuscript = { title: 'What we found', manuscriptDigest: `sha-256:${'0'.repeat(64)}` };
  return {
    open,
    submitted,
    review: await idFrom(people.researcher, `${at}/publication-reviews`, manuscript),
    disclosing: await executeWithDisclosures(people, negotiation, story),
  };
}

async function idFrom(by: Caller, path: string, body: object): Promise<string> {
  return made(await by.post<{ id: string }>(path, body)).id;
}

async function completeCampaign({ partnerAdmin, partnerships, researcher }: Callers, story: Given, title: string) {
  const campaign = await idFrom(partnerAdmin, `/v1/agreements/${story.agreementId}/campaigns`, {
    title,
    purpose: 'robustness.jailbreak',
    models: Object.values(models),
    evaluationSets: [],
    startsAt: story.from.toISOString(),
    endsAt: story.until.toISOString(),
    expectedRequests: 1,
    leadId: (await researcher.get<{ id: string }>('/v1/me')).body.id,
  });
  for (const step of ['approval', 'activation', 'completion']) {
    made(await partnerships.post(`/v1/campaigns/${campaign}/${step}`));
  }
}

async function executeWithDisclosures(people: Callers, negotiation: Negotiation, story: Given): Promise<string> {
  const { terms, prose } = negotiation.text({ limit: 3 });
  const [report] = terms.reporting;
  const disclosure = { ...report, id: 'disclosures', kind: 'vulnerability_disclosure', cadence: 'on_discovery' };
  const draft = {
    organisationId: story.organisationId,
    title: 'With disclosures',
    terms: { ...terms, reporting: [...terms.reporting, disclosure] },
    prose,
  };
  const { id, headDigest } = made(
    await people.partnerships.post<{ id: string; headDigest: string }>('/v1/agreements', draft),
  );
  const text = { id, at: `/v1/agreements/${id}`, digest: headDigest };
  await negotiation.takeToCountersignature(text);
  made(await negotiation.countersign(text));
  return id;
}
