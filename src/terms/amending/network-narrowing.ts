import { childPointer } from '../../kernel/json-pointer.js';
import { networkContains, parseNetwork, type Network } from '../../kernel/networks.js';
import { fixed, widened } from './comparisons.js';
import type { AmendmentFault } from './faults.js';
import type { Terms } from '../terms.js';

/** Every block that remains lies in one former block; two neighbours may not be written as the one they make up. */
export function networksNarrow({ networks: before }: Terms, { networks: after }: Terms): AmendmentFault[] {
  return [
    ...fixed('/terms/networks', before, after, ['cidrs']),
    ...blocksNarrow('/terms/networks/cidrs', before.cidrs, after.cidrs),
  ];
}

function blocksNarrow(
  place: string,
  before: readonly string[] | 'any',
  after: readonly string[] | 'any',
): AmendmentFault[] {
  if (before === 'any') return [];
  if (after === 'any') return [widened(place, 'Networks would be opened.', 'blocks within the former ones')];
  const former = before.map(parseNetwork).filter((network) => network !== null);
  return after.flatMap((text, index) => {
    const network = parseNetwork(text);
    if (network !== null && former.some((outer) => contains(outer, network))) return [];
    return [widened(childPointer(place, index), `${text} was not let in whole.`, 'a block within a former one')];
  });
}

function contains(outer: Network, inner: Network): boolean {
  return outer.prefixLength <= inner.prefixLength && networkContains(outer, inner.base);
}
