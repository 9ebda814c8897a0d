import { AgreementsService } from '../../../src/agreements/agreements.service.js';
import { AmendmentsService } from '../../../src/agreements/amendments/amendments.service.js';
import { refusalOf } from '../../../src/http/problem.js';
import { Dice } from '../dice.js';
import { person } from '../people.js';
import { statusOf, stopsOf, versionAt } from '../standing.js';
import { Text, World } from '../world.js';
import { actionsOf } from '../rules/actions.js';
import { System } from './system.js';

/** Something that somebody reads: what they are told, and what the model says that they are. */
export interface Reading {
  who: string;
  what: string;
  told: unknown;
  expected: unknown;
}

/** One reading of the several that there are: the lab's or the partner's, of the present or of the past. */
export async function readSomething(system: System, world: World, dice: Dice): Promise<Reading> {
  const who = dice.pick(readers);
  const reading = dice.pick([readAgreements, readAgreements, readAmendments, lookBack]);
  return reading(system, world, { who, dice });
}

/** Those who read: one of each role. */
const readers = ['Petra', 'Lee', 'Grace', 'Cleo', 'Pia', 'Sam', 'Rui'];

interface Reader {
  who: string;
  dice: Dice;
}

function visible({ texts }: World, who: string, isOne: (text: Text) => boolean): number[] {
  return texts.flatMap((text, position) =>
    isOne(text) && (text.shown || person(who).side === 'lab') ? [position] : [],
  );
}

/** The partner is told of what it was shown, and the lab of everything, each with the status that follows. */
async function readAgreements(system: System, world: World, { who }: Reader): Promise<Reading> {
  const { data } = await system.get(AgreementsService).list(system.actor(person(who)), {});
  const own = data.filter(({ id }) => system.made.texts.some((text) => text.id === id)).toReversed();
  const told = own.map(({ id, state, status, versionNumber, suspensions, allowedActions }) => {
    const position = system.made.texts.findIndex((text) => text.id === id);
    const actions = allowedActions.toSorted();
    return { position, state, status, versionNumber, stops: suspensions.length, actions };
  });
  const expected = visible(world, who, ({ kind }) => kind === 'original').map((position) => ({
    position,
    state: world.texts[position]!.state,
    status: statusOf(world, position, world.now),
    versionNumber: versionAt(world.texts[position]!, world.now)?.number ?? null,
    stops: stopsOf(world, position, world.now).length,
    actions: actionsOf(world.texts[position]!, person(who)),
  }));
  return { who, what: 'the agreements', told, expected };
}

async function readAmendments(system: System, world: World, { who }: Reader): Promise<Reading> {
  const { data } = await system.get(AmendmentsService).list(system.actor(person(who)), {});
  const told = data.toReversed().map(({ id, state, kind, allowedActions }) => {
    const position = system.made.texts.findIndex((text) => text.id === id);
    return { position, state, kind, actions: allowedActions.toSorted() };
  });
  const expected = visible(world, who, ({ kind }) => kind !== 'original').map((position) => {
    const { state, kind } = world.texts[position]!;
    return { position, state, kind, actions: actionsOf(world.texts[position]!, person(who)) };
  });
  return { who, what: 'the amendments', told, expected };
}

/** An agreement as it stood at an instant is what it was then, whatever has been done since. */
async function lookBack(system: System, world: World, { who, dice }: Reader): Promise<Reading> {
  const agreements = world.texts.flatMap(({ kind }, position) => (kind === 'original' ? [position] : []));
  if (agreements.length === 0) return { who, what: 'nothing', told: null, expected: null };
  const position = dice.pick(agreements);
  const { past } = world.texts[position]!;
  const at = Math.min(dice.pick(past).at + dice.pick([-1, 0, 1, 86_400_000]), world.now + 1);
  const what = `agreement ${position} at ${at}`;
  const found = system
    .get(AgreementsService)
    .find(system.actor(person(who)), system.made.texts[position]!.id, system.instant(at).toISOString());
  const told = await found.then(
    ({ state, status, versionNumber, suspensions }) => ({ state, status, versionNumber, stops: suspensions.length }),
    (error: unknown) => refusalOf(error)?.code ?? error,
  );
  return { who, what, told, expected: asItStood(world, position, { who, at }) };
}

function asItStood(world: World, position: number, { who, at }: { who: string; at: number }): unknown {
  const text = world.texts[position]!;
  if (!text.shown && person(who).side === 'partner') return 'not_found';
  if (at > world.now) return 'invalid_request';
  const stood = text.past.findLast((one) => one.at <= at);
  if (!stood || (person(who).side === 'partner' && !stood.shown)) return 'not_found';
  const { state, endedAt } = stood;
  const versions = text.versions.filter(({ executedAt }) => executedAt <= at);
  const texts = world.texts.with(position, { ...text, state, endedAt, versions });
  const then = { ...world, texts };
  return {
    state,
    status: statusOf(then, position, at),
    versionNumber: versionAt(texts[position]!, at)?.number ?? null,
    stops: stopsOf(world, position, at).length,
  };
}
