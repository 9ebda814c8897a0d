import { prose as storyProse, termsOf as storyTerms } from '../../../src/demo/agreement.js';
import { Content } from '../content.js';

/** A content as the system takes it: terms, and prose that says the same. */
export function draftOf(content: Content, instant: (at: number) => Date) {
  const { from, until, limit, high, protectable, forCause, address, words, broken } = content;
  const terms = storyTerms(instant(from), instant(until), limit);
  const addresses = terms.notices.addresses.map((one) =>
    one.party === 'evaluator' ? { ...one, email: `notices${address}@rival.example` } : one,
  );
  const changed = {
    ...terms,
    scope: { ...terms.scope, safeguardProfile: high ? 'helpful_only' : 'production' },
    notices: { ...terms.notices, addresses },
    cure: { ...terms.cure, ...(protectable && { protectiveAmendments: true }) },
    // Nothing is owed at the end, so that what time brings about is the contract's own.
    data: { ...terms.data, evaluatorRetention: { ...terms.data.evaluatorRetention, deletionCertificate: false } },
    termination: { ...terms.termination, forCause, clauseRef: broken ? '99' : terms.termination.clauseRef },
  };
  const prose = storyProse.map((clause, index) =>
    index === 0 ? { ...clause, text: `${clause.text} This is wording ${words}.` } : clause,
  );
  return { terms: changed as unknown as Record<string, unknown>, prose };
}
