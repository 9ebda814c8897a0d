import { Actor } from '../../kernel/actor.js';
import { newId } from '../../kernel/ids.js';
import { decisionsTotal } from '../../http/metrics.js';
import { Admission, Question } from '../journal.js';

/**
 * What is said of a question while the node is not fresh: nothing of the key, and nothing is written, for the database
 * may be out of reach. `asOf` is the instant as of which the node last knew everything.
 */
export function staleAdmission(question: Question, gateway: Actor, asOf: Date): Admission {
  decisionsTotal.inc({ code: 'stale_authority' });
  const reason = { clauseRef: '', rule: 'authority', expected: 'fresh standing', observed: 'stale' };
  return {
    id: newId(asOf),
    at: asOf,
    countedAt: asOf,
    freshAsOf: asOf,
    question,
    gateway,
    facts: null,
    decision: { outcome: 'deny', code: 'stale_authority', reasons: [reason], applies: [] },
    windows: [],
    authorization: null,
  };
}
