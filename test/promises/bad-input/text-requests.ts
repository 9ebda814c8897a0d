import { termsOf } from '../../../src/demo/agreement.js';
import { because, moves, request, Requests } from './request.js';
import { Texts, Things } from './things.js';

/** Terms in which every field that a draft may have is there, but for another window. */
function wholeTerms({ story }: Things) {
  const terms = termsOf(story.from, story.until, 10);
  const [jailbreak] = terms.purposes.permitted;
  const conditions = [{ code: 'region_only', value: 'DE' }, { code: 'no_product_use' }];
  return {
    ...terms,
    purposes: { ...terms.purposes, permitted: [{ ...jailbreak, conditions }], frameworks: ['hiroshima_code'] },
    evaluationSets: { ...terms.evaluationSets, permitted: ['set-1'] },
    keys: { ...terms.keys, autoApprove: { maxLifetimeDays: 1, purposes: ['robustness.jailbreak'] } },
    data: { ...terms.data, compensatingControls: [{ clauseRef: '9', text: 'Somebody looks at it.' }] },
  };
}

/** The text of a draft, whose last clause is the test’s to play with. */
export function wholeText(things: Things) {
  const clauses = Array.from({ length: 12 }, (_, at) => ({
    clauseId: String(at + 1),
    heading: `Clause ${at + 1}`,
    text: 'As agreed.',
  }));
  return { terms: wholeTerms(things), prose: clauses };
}

/** The number of the last clause: any that no other clause has. */
export const lastClause = '/prose/11/clauseId';

const digestOf = (digest: string) => () => ({ digest });

const signature = (digest: string, legalName: string) => () => {
  const affirmed = { intendToSign: true, authorisedToBind: true };
  return { digest, legalName, title: 'Counsel', ...affirmed };
};

const signing = { exact: ['/digest', '/legalName', '/jws'], unlike: ['/title'], ...moves };
const named = { exact: ['/digest'], ...moves };

const remark = () => ({ revisionNumber: 1, clauseId: '5', body: 'A remark.', audience: 'both_parties' });

/** The routes by which an agreement or an amendment is negotiated. */
export function textRequests(things: Things, kind: 'agreements' | 'amendments', texts: Texts): Requests {
  const { partnerships, partnerAdmin, partnerSignatory, labSignatory, approver, compliance } = things.people;
  const { draft, negotiated, inApproval, released, signed } = texts;
  const at = `POST /v1/${kind}/{id}`;
  const text = () => wholeText(things);
  const answer = () => ({ ...text(), baseDigest: negotiated.digest, message: 'Rather so.' });
  const approval = () => ({ digest: inApproval.digest, stage: 'approver' });
  const answering = { exact: [lastClause, '/baseDigest'], ...moves };
  const [bySam, byGrace] = [signature(released.digest, 'Sam Signatory'), signature(signed.digest, 'Grace Signatory')];
  return {
    [`${at}/revisions`]: request(partnerships, `${draft.at}/revisions`, text, { exact: [lastClause] }),
    [`${at}/counter-proposals`]: request(partnerAdmin, `${negotiated.at}/counter-proposals`, answer, answering),
    [`${at}/acceptance`]: request(partnerAdmin, `${negotiated.at}/acceptance`, digestOf(negotiated.digest), named),
    [`${at}/decline`]: request(partnerAdmin, `${negotiated.at}/decline`, because, moves),
    [`${at}/withdrawal`]: request(partnerships, `${draft.at}/withdrawal`, because, moves),
    [`${at}/return`]: request(compliance, `${inApproval.at}/return`, because, moves),
    [`${at}/approvals`]: request(approver, `${inApproval.at}/approvals`, approval, named),
    [`${at}/signature`]: request(partnerSignatory, `${released.at}/signature`, bySam, signing),
    [`${at}/countersignature`]: request(labSignatory, `${signed.at}/countersignature`, byGrace, signing),
    [`${at}/reopening`]: request(partnerships, `${signed.at}/reopening`, because, moves),
    [`${at}/comments`]: request(partnerAdmin, `${negotiated.at}/comments`, remark, { exact: ['/clauseId'] }),
  };
}

/** What only amendments take. */
export function amendmentRequests({ people, acknowledgeable: { at, digest } }: Things): Requests {
  const acknowledgement = request(people.partnerAdmin, `${at}/acknowledgement`, digestOf(digest), named);
  return { 'POST /v1/amendments/{id}/acknowledgement': acknowledgement };
}
