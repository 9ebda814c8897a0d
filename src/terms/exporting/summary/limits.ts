import type { Quota, QuotaMetric, QuotaWindow, Terms } from '../../terms.js';
import { sentencesOf, type Sentence } from './sentence.js';
import { counted, grouped, listed, money, purposeLabel } from './words.js';

const METRICS: Readonly<Record<Exclude<QuotaMetric, 'spend'>, readonly [one: string, many: string]>> = {
  requests: ['request', 'requests'],
  input_tokens: ['input token', 'input tokens'],
  output_tokens: ['output token', 'output tokens'],
  total_tokens: ['token, input and output together,', 'tokens, input and output together,'],
  concurrent_requests: ['request at the same time', 'requests at the same time'],
};

const COUNTED: Readonly<Record<Quota['scope'], string>> = {
  agreement: 'counted together for the whole agreement',
  campaign: 'counted for each campaign',
  researcher: 'counted for each researcher',
  key: 'counted for each key',
};

const BEYOND: Readonly<Record<Quota['enforcement'], string>> = {
  hard: 'a request beyond that is refused',
  soft: 'use beyond that is not refused, but leaves a finding',
};

/** How much may be used, over how long, by whom, and what happens at the limit. */
export function limitSentences({ quotas }: Terms): Sentence[] {
  return quotas.flatMap((quota) => sentencesOf(quota, [limitText(quota), notificationText(quota)]));
}

function limitText(quota: Quota): string {
  const { window, scope, enforcement } = quota;
  const counting = `${COUNTED[scope]}${filterText(quota)}`;
  return `At most ${amountText(quota)} ${windowText(window)}, ${counting}; ${BEYOND[enforcement]}.`;
}

function amountText({ metric, limit, currency }: Quota): string {
  if (metric === 'spend') return `${money(limit, currency ?? '')} of spend`;
  return counted(limit, ...METRICS[metric]);
}

function windowText(window: QuotaWindow): string {
  if (window.kind === 'term') return 'over the whole term';
  if (window.kind === 'rolling') return `in any period of one ${window.unit}`;
  return `in each calendar ${window.unit} (${window.timezone})`;
}

function filterText({ filter: { modelId, purpose } }: Quota): string {
  const only = [
    ...(modelId === undefined ? [] : [`the model ${modelId}`]),
    ...(purpose === undefined ? [] : [`work on ${purposeLabel(purpose)}`]),
  ];
  return only.length === 0 ? '' : ` and only for ${listed(only)}`;
}

function notificationText({ notifyAtPercent }: Quota): string | null {
  if (notifyAtPercent.length === 0) return null;
  return `Both parties are told at ${listed(notifyAtPercent.map((percent) => `${grouped(percent)}%`))} of that limit.`;
}
