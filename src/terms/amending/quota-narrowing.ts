import { childPointer } from '../../kernel/json-pointer.js';
import { fixed, noHigher, noLooser, widened } from './comparisons.js';
import type { AmendmentFault } from './faults.js';
import { overlaps } from '../purposes.js';
import type { Quota, Terms } from '../terms.js';

/**
 * Quotas may be added, lowered and made hard. One goes only with the last model or purpose that it counts: it could
 * count nothing more, and a draft may not keep it.
 */
export function quotasNarrow({ quotas: before }: Terms, after: Terms): AmendmentFault[] {
  const place = '/terms/quotas';
  return before.flatMap((was) => {
    const index = after.quotas.findIndex(({ id }) => id === was.id);
    const is = after.quotas[index];
    if (is !== undefined) return quotaNarrows(childPointer(place, index), was, is);
    if (countsNothing(was, after)) return [];
    return [widened(place, `The quota ${was.id} would hold no longer.`, `${was.id} as well`)];
  });
}

function quotaNarrows(place: string, before: Quota, after: Quota): AmendmentFault[] {
  return [
    ...fixed(place, before, after, ['limit', 'enforcement', 'heldBy']),
    ...noHigher(`${place}/limit`, before.limit, after.limit),
    ...noLooser(`${place}/enforcement`, ['soft', 'hard'], before.enforcement, after.enforcement),
    ...noLooser(`${place}/heldBy`, ['metered', 'enforced'], before.heldBy, after.heldBy),
  ];
}

function countsNothing({ filter: { modelId, purpose } }: Quota, { scope, purposes }: Terms): boolean {
  if (modelId !== undefined && scope.models.every((model) => model.modelId !== modelId)) return true;
  return purpose !== undefined && purposes.permitted.every(({ code }) => !overlaps(code, purpose));
}
