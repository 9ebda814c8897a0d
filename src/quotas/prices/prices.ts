import { EntityManager } from 'typeorm';
import { Price, PriceBook } from './price-book.js';
import { WindowIdentity } from '../windows.js';

const pricesSql = `
  SELECT id, model, currency, input_per_million AS "inputPerMillion", output_per_million AS "outputPerMillion",
    cached_input_per_million AS "cachedInputPerMillion", effective_from AS "effectiveFrom"
  FROM model_price`;

/** The prices that windows need to count what these models do: none are read where nothing counts spend. */
export async function pricesFor(
  manager: EntityManager,
  models: readonly string[],
  windows: readonly Pick<WindowIdentity, 'metric'>[],
): Promise<PriceBook> {
  if (!windows.some(({ metric }) => metric === 'spend')) return new PriceBook([]);
  const prices: Price[] = await manager.query(`${pricesSql} WHERE model = ANY($1)`, [[...new Set(models)]]);
  return new PriceBook(prices);
}

/** Every price that was ever set. */
export async function allPrices(manager: Pick<EntityManager, 'query'>): Promise<PriceBook> {
  return new PriceBook(await manager.query<Price[]>(pricesSql));
}
