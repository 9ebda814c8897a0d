import { credentialHash } from '../../src/access/gateway-credentials.service.js';
import { addresses, models } from '../../src/demo/agreement.js';
import { Question } from '../../src/gateway/admission.js';
import { Place } from './place.js';

/** A question that the place's agreement allows while its quota lasts. */
export function questionOf({ keys, gatewayCredential }: Place, at: number): Question {
  return {
    credential: credentialHash(`Bearer ${gatewayCredential}`)!,
    request: {
      key: keys[at % keys.length]!.key,
      model: models.code,
      endpoint: 'messages',
      estimate: { input_tokens: 100, max_output_tokens: 50 },
      client: { ip: addresses.office },
    },
  };
}
