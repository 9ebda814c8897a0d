import { Terms } from '../terms/terms.js';

/**
 * The zone in which an agreement's days and months run: that of its calendar quotas, so that a daily statement shows
 * the very day that a daily quota counts; without one, that of its publication clause.
 */
export function agreementZone(terms: Terms): string {
  for (const { window } of terms.quotas) if (window.kind === 'calendar') return window.timezone;
  return terms.publication.timezone;
}
