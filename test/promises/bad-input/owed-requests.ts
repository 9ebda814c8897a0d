import { because, moves, request, Requests } from './request.js';
import { Things } from './things.js';

const digest = `sha-256:${'1'.repeat(64)}`;
const report = () => ({ statement: 'The report.', documentDigest: digest, link: 'https://rival.example/report' });
const manuscript = () => ({ title: 'What we found', manuscriptDigest: digest, link: 'https://rival.example/paper' });
const objection = () => ({ ground: 'factual_error', passage: 'Table 1', detail: 'The rows are swapped.' });

/** The routes of obligations, of reviews of manuscripts, and of templates. */
export function owedRequests({ people, owed, stage, story, researcher, template }: Things): Requests {
  const { partnerAdmin, partnerships, compliance, researcher: author } = people;
  const [open, submitted] = [`/v1/obligations/${owed.open}`, `/v1/obligations/${owed.submitted}`];
  const review = `/v1/publication-reviews/${owed.review}`;
  const [own, other] = [`/v1/agreements/${story.agreementId}`, `/v1/agreements/${owed.disclosing}`];
  const [duty, paper] = ['/v1/obligations/{id}', 'POST /v1/publication-reviews/{id}'];
  const discovery = () => ({ discoveredAt: stage.clock.now().toISOString(), termId: 'disclosures' });
  const filled = () => ({ parameters: template.example });
  return {
    [`PUT ${duty}/owner`]: request(partnerAdmin, `${open}/owner`, () => ({ ownerId: researcher }), moves),
    [`POST ${duty}/submissions`]: request(partnerAdmin, `${open}/submissions`, report, moves),
    [`POST ${duty}/return`]: request(compliance, `${submitted}/return`, because, moves),
    [`POST ${duty}/waiver`]: request(partnerships, `${open}/waiver`, because, moves),
    'POST /v1/agreements/{id}/disclosures': request(author, `${other}/disclosures`, discovery, {
      exact: ['/termId'],
      ...moves,
    }),
    'POST /v1/agreements/{id}/publication-reviews': request(author, `${own}/publication-reviews`, manuscript),
    [`${paper}/extension`]: request(compliance, `${review}/extension`, because, moves),
    [`${paper}/objections`]: request(compliance, `${review}/objections`, objection, moves),
    [`${paper}/withdrawal`]: request(author, `${review}/withdrawal`, because, moves),
    'POST /v1/templates/{name}/draft': request(partnerships, `/v1/templates/${template.name}/draft`, filled, {
      leaves: 'nothing',
    }),
  };
}
