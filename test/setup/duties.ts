import { models } from '../../src/demo/agreement.js';
import { Given } from './given.js';

/**
 * What a rival owes and publishes: another campaign is completed, which makes its final report due, and the report is
 * handed in; a manuscript is reviewed and objected to.
 */
export async function leaveDuties({ cast, agreementId, from, until }: Given): Promise<void> {
  const { partnerAdmin, partnerships, compliance, researcher } = cast;
  const campaign = await partnerAdmin.post<{ id: string }>(`/v1/agreements/${agreementId}/campaigns`, {
    title: 'A short campaign',
    purpose: 'robustness.jailbreak',
    models: Object.values(models),
    evaluationSets: [],
    startsAt: from.toISOString(),
    endsAt: until.toISOString(),
    expectedRequests: 1,
    leadId: (await researcher.get<{ id: string }>('/v1/me')).id,
  });
  for (const step of ['approval', 'activation', 'completion']) {
    await partnerships.post(`/v1/campaigns/${campaign.id}/${step}`);
  }
  const [report] = await partnerAdmin.all<{ id: string }>(`/v1/obligations?agreementId=${agreementId}`);
  await partnerAdmin.post(`/v1/obligations/${report!.id}/submissions`, { statement: 'The report.' });
  const manuscript = { title: 'What we found', manuscriptDigest: `sha-256:${'0'.repeat(64)}` };
  const at = `/v1/agreements/${agreementId}/publication-reviews`;
  const review = await researcher.post<{ id: string }>(at, manuscript);
  const objection = { ground: 'factual_error', passage: 'Table 1', detail: 'The rows are swapped.' };
  await compliance.post(`/v1/publication-reviews/${review.id}/objections`, objection);
}
