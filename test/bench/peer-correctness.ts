import { setTimeout as sleep } from 'node:timers/promises';
import { Stage } from './admission-peer.js';
import { Child } from './child.js';
import { requestOf, tightLimit } from './crowd.js';
import { Answerer, pooled, startGateway } from './gateways.js';
import { models, unreleasedModel } from '../../src/demo/agreement.js';
import { tell } from './measure.js';
import { allowedModel, otherModel, PeerKey, PeerMode, PeerSettings } from './peer.js';
import { Place } from './place.js';

const asks = 400;
const perMinute = 5;
/** How long a second process may go on before it counts as never noticing, in milliseconds. */
const patience = 15_000;

/** What each side got right: a limit under a burst, what refusals cost, and how soon a revocation holds elsewhere. */
export async function correctness(stage: Stage) {
  tell('  What each side gets right:');
  const [first, second] = [await gateway(stage), await gateway(stage)];
  const ours = {
    admitted_of_400_at_limit_100: await burstAt(stage.place, first),
    // The burst has used up the tight quota, so that it now refuses; the key's own quota must not feel that.
    burnt_by_calls_that_another_limit_refused: await burntAt(stage.place, first, models.code),
    burnt_by_calls_for_another_model: await burntAt(stage.place, first, unreleasedModel),
    revoked_key_at_a_second_process: await revokedAt(stage.place, first, second),
  };
  tell(`  ours: ${JSON.stringify(ours)}`);
  const peer = {
    admitted_of_400_at_limit_100: {
      database: await burst(stage, { mode: 'database' }),
      memory_that_answers_at_once: await burst(stage, { mode: 'secondary' }),
      memory_that_takes_1_ms: await burst(stage, { mode: 'secondary', delay: 1 }),
    },
    burnt_by_calls_that_another_limit_refused: await burnt(stage, { perMinute }, allowedModel),
    burnt_by_calls_for_another_model: await burnt(stage, {}, otherModel),
    revoked_key_at_a_second_process: {
      database: await revokedElsewhere(stage, 'database'),
      memory_before_rows: await revokedElsewhere(stage, 'secondary-with-rows'),
      memory_alone: 'a second process knows no key of the first',
    },
  };
  tell(`  peer: ${JSON.stringify(peer)}`);
  return { ours, peer };
}

function gateway({ place, start: begin }: Stage): Promise<Answerer> {
  return startGateway(place, begin, 'leased');
}

type Manner = Pick<PeerSettings, 'mode' | 'delay' | 'perMinute'>;

async function start({ start: begin, module, peerUrl }: Stage, manner: Manner): Promise<Child> {
  const child = begin('peer-process');
  await child.ask('start', { settings: { module, databaseUrl: peerUrl, pooled, ...manner }, keys: 0 });
  return child;
}

async function burst(stage: Stage, manner: Manner): Promise<number> {
  return (await start(stage, manner)).ask<number>('burst', { asks, remaining: tightLimit });
}

async function burnt(stage: Stage, manner: Omit<Manner, 'mode'>, permissions: object): Promise<Burnt> {
  return (await start(stage, { mode: 'database', ...manner })).ask<Burnt>('burnt', {
    asks: 2 * perMinute,
    permissions,
  });
}

/** How many calls were refused, and how much quota they took all the same. */
interface Burnt {
  refused: number;
  burnt: number;
}

async function revokedElsewhere(stage: Stage, mode: PeerMode): Promise<Refused> {
  const [issuer, other] = [await start(stage, { mode }), await start(stage, { mode })];
  const { id, key } = await issuer.ask<PeerKey>('issue');
  const works = () => other.ask<boolean>('verify', { key });
  if (!(await works())) throw new Error(`The second process does not know the key (${mode}).`);
  await issuer.ask('revoke', { id });
  return until(works);
}

/** When a key that was taken back is first refused; null where it went on to work until patience ended. */
interface Refused {
  refused_after_ms: number | null;
  admitted_meanwhile: number;
}

async function until(works: () => Promise<boolean>): Promise<Refused> {
  const begun = performance.now();
  const passed = () => Math.round(performance.now() - begun);
  for (let admitted = 0; ; admitted += 1) {
    if (!(await works())) return { refused_after_ms: passed(), admitted_meanwhile: admitted };
    if (passed() > patience) return { refused_after_ms: null, admitted_meanwhile: admitted };
  }
}

interface Answer {
  code: string;
  limits: { quota: string; remaining: number }[];
}

async function ask({ gatewayCredential }: Place, { url }: Answerer, body: object): Promise<Answer> {
  const headers = { Authorization: `Bearer ${gatewayCredential}`, 'Content-Type': 'application/json' };
  const response = await fetch(`${url}/v1/authorizations`, { method: 'POST', headers, body: JSON.stringify(body) });
  return (await response.json()) as Answer;
}

/** How many of a burst the quota on the code model lets through. */
async function burstAt(place: Place, node: Answerer): Promise<number> {
  const question = requestOf(place.keys[0]!.key, models.code);
  const answers = await Promise.all(Array.from({ length: asks }, () => ask(place, node, question)));
  return answers.filter(({ code }) => code === 'allowed').length;
}

/** What is gone from the key's quota after refusals, beyond what the allowed question took that tells it. */
async function burntAt(place: Place, node: Answerer, model: string): Promise<Burnt> {
  const { key } = place.keys[1]!;
  const remaining = async () => {
    const { limits } = await ask(place, node, requestOf(key));
    return limits.find(({ quota }) => quota === 'key-requests-daily')!.remaining;
  };
  // What nodes were lent of the quota is not in what remains; it has gone back by then.
  await sleep(4_000);
  const before = await remaining();
  let refused = 0;
  for (let at = 0; at < perMinute; at += 1) {
    if ((await ask(place, node, requestOf(key, model))).code !== 'allowed') refused += 1;
  }
  return { refused, burnt: before - 1 - (await remaining()) };
}

async function revokedAt(place: Place, first: Answerer, second: Answerer): Promise<Refused> {
  const { id, key } = place.keys[2]!;
  const works = async (node: Answerer) => (await ask(place, node, requestOf(key))).code === 'allowed';
  if (!(await works(first)) || !(await works(second))) throw new Error('A key does not work that should.');
  await place.cast.researcher.post(`/v1/keys/${id}/revocation`, { reason: 'It is tried how soon this holds.' });
  return until(() => works(second));
}
