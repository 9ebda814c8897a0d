import { credentialHash } from '../../src/access/gateway-credentials.service.js';
import { addresses, models } from '../../src/demo/agreement.js';
import { Changes } from '../../src/audit/changes.js';
import { AuthorizationRequest } from '../../src/gateway/authorization-request.js';
import { Question } from '../../src/gateway/journal.js';
import { systemActor } from '../../src/kernel/actor.js';
import { newId } from '../../src/kernel/ids.js';
import { ApiKey } from '../../src/keys/api-key.entity.js';
import { newKey, NewKey } from '../../src/keys/key-string.js';
import { Terms } from '../../src/terms/terms.js';
import { Place } from './place.js';

/** How many asks the tight quota of a crowd lets through. */
export const tightLimit = 100;

const window = { kind: 'calendar' as const, unit: 'day' as const, timezone: 'UTC' };
const hard = { clauseRef: '5', heldBy: 'enforced' as const, window, enforcement: 'hard' as const, notifyAtPercent: [] };

/** Three quotas that count every question and leave room, two of them hot; and a tight one on the code model. */
export const crowdQuotas: Terms['quotas'] = [
  { ...hard, id: 'requests-daily', metric: 'requests', limit: 1_000_000_000, scope: 'agreement', filter: {} },
  { ...hard, id: 'tokens-daily', metric: 'output_tokens', limit: 1_000_000_000_000, scope: 'agreement', filter: {} },
  { ...hard, id: 'key-requests-daily', metric: 'requests', limit: 1_000_000_000, scope: 'key', filter: {} },
  {
    ...hard,
    id: 'code-requests-daily',
    metric: 'requests',
    limit: tightLimit,
    scope: 'agreement',
    filter: { modelId: 'atlas-2-code' },
  },
];

/** So many keys share one transaction and one entry in the log. */
const together = 10_000;

/** So many more keys like the place's first, made all at once, as nobody claims a thousand by hand. */
export async function crowd(place: Place, count: number): Promise<string[]> {
  const made = Array.from({ length: count }, () => ({ ...newKey('live'), id: newId(place.clock.now()) }));
  for (let from = 0; from < count; from += together) await issue(place, made.slice(from, from + together));
  return made.map(({ key }) => key);
}

function issue({ app, keys }: Place, made: readonly (NewKey & { id: string })[]): Promise<void> {
  const [{ id }, ids] = [keys[0]!, made.map((one) => one.id)];
  return app.get(Changes).run(systemActor, async (change) => {
    await change.manager.query(
      `INSERT INTO api_key SELECT copy.* FROM api_key k, unnest($2::uuid[], $3::text[]) AS made (id, public_id),
         jsonb_populate_record(k, jsonb_build_object('id', made.id, 'public_id', made.public_id)) AS copy
       WHERE k.id = $1`,
      [id, ids, made.map(({ publicId }) => publicId)],
    );
    await change.manager.query(
      `INSERT INTO key_secret SELECT copy.* FROM key_secret s, unnest($2::uuid[], $3::bytea[]) AS made (id, hash),
         jsonb_populate_record(s, jsonb_build_object('id', made.id, 'key_id', made.id, 'hash', made.hash)) AS copy
       WHERE s.key_id = $1`,
      [id, ids, made.map(({ hash }) => hash)],
    );
    const first = await change.manager.findOneByOrFail(ApiKey, { id });
    await change.record('key.issued', first.subject, { copies: made.length });
  });
}

/** What a gateway asks about a key; of the conversation model, which no tight quota counts, unless it says otherwise. */
export function requestOf(key: string, model: string = models.conversation): AuthorizationRequest {
  const estimate = { input_tokens: 100, max_output_tokens: 50 };
  return { key, model, endpoint: 'messages', estimate, client: { ip: addresses.office } };
}

/** The same in process. */
export function asked({ gatewayCredential }: Place, request: AuthorizationRequest): Question {
  return { credential: credentialHash(`Bearer ${gatewayCredential}`)!, request };
}
