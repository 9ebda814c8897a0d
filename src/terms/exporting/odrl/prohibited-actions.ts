import type { ProhibitedUseCode } from '../../prohibited-uses.js';

/** How a prohibited use is said in ODRL: an action of the profile within a wider one of ODRL, on one kind of asset. */
export interface ProhibitedAction {
  /** The action of ODRL 2.2 whose meaning encompasses this one. */
  readonly includedIn: 'derive' | 'distribute' | 'extract' | 'grantUse' | 'use';
  readonly target: 'models' | 'outputs' | 'results';
}

/**
 * ODRL has wider words for some of these uses and `use` for the rest; none of its own actions means exactly the same.
 */
export const PROHIBITED_ACTIONS: Readonly<Record<ProhibitedUseCode, ProhibitedAction>> = {
  model_training: { includedIn: 'derive', target: 'outputs' },
  distillation: { includedIn: 'derive', target: 'outputs' },
  synthetic_data_generation: { includedIn: 'derive', target: 'outputs' },
  competing_product_development: { includedIn: 'use', target: 'models' },
  internal_productivity_use: { includedIn: 'use', target: 'models' },
  competitive_benchmarking: { includedIn: 'use', target: 'models' },
  reverse_engineering: { includedIn: 'extract', target: 'models' },
  resale_or_sublicense: { includedIn: 'grantUse', target: 'models' },
  third_party_access: { includedIn: 'distribute', target: 'models' },
  key_sharing: { includedIn: 'use', target: 'models' },
  access_circumvention: { includedIn: 'use', target: 'models' },
  customer_facing_use: { includedIn: 'distribute', target: 'models' },
  personal_data_processing: { includedIn: 'use', target: 'models' },
  publication_without_review: { includedIn: 'distribute', target: 'results' },
  service_disruption: { includedIn: 'use', target: 'models' },
};
