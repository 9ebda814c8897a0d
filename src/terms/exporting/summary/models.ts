import type { Capability, ModelInScope, Scope, Terms } from '../../terms.js';
import { sentencesOf, type Sentence } from './sentence.js';
import { listed, period } from './words.js';

const STAGES: Readonly<Record<ModelInScope['stage'], string>> = {
  pre_deployment: 'not yet deployed',
  deployed: 'deployed',
  deprecated: 'deprecated',
};

const CAPABILITIES: Readonly<Record<Capability, string>> = {
  sampling: 'sampling',
  logprobs: 'log probabilities',
  reasoning_trace: 'reasoning traces',
  system_prompt: 'system prompts',
  tools: 'tools',
  computer_use: 'computer use',
  batch: 'batches',
  fine_tuning: 'fine-tuning',
  embeddings: 'embeddings',
};

const SAFEGUARDS: Readonly<Record<Scope['safeguardProfile'], string>> = {
  production: 'The models have the safeguards that they are sold with.',
  relaxed_external: 'Some of the outer safeguards around the models are relaxed.',
  helpful_only: 'The models are helpful-only ones.',
  none: 'There are no safeguards around the models.',
};

/** Which models may be used, when, and how. */
export function modelSentences({ scope }: Terms): Sentence[] {
  return sentencesOf(scope, [
    ...(scope.models.length === 0 ? ['No model may be used.'] : scope.models.map(modelText)),
    capabilitiesText(scope),
    endpointsText(scope),
    SAFEGUARDS[scope.safeguardProfile],
  ]);
}

function modelText({ modelId, snapshot, stage, from, until }: ModelInScope): string {
  const what = `The snapshot ${snapshot} of the model ${modelId}, which is ${STAGES[stage]}`;
  return `${what}, may be used ${period(from, until)}.`;
}

function capabilitiesText({ capabilities }: Scope): string {
  if (capabilities.length === 0) return 'No capability of the models may be used.';
  return `What may be used of the models: ${listed(capabilities.map((capability) => CAPABILITIES[capability]))}.`;
}

function endpointsText({ endpoints }: Scope): string {
  if (endpoints.length === 0) return 'No endpoint may be used.';
  return `Requests may go to the ${endpoints.length === 1 ? 'endpoint' : 'endpoints'} ${listed(endpoints)}.`;
}
