import { fixedTerms } from '../content.js';
import { Deed } from '../deed.js';
import { Dice } from '../dice.js';
import { people, person } from '../people.js';
import { delegate, takeBack } from '../rules/approval.js';
import { ofNotice, serve } from '../rules/notices.js';
import { lift, proposeLift, stoppable, suspendWithin } from '../rules/suspensions.js';
import { confirmTermination, proposeTermination, withdrawTermination } from '../rules/terminations.js';
import { advance, boundariesOf, sweep } from '../rules/time.js';
import { convenientFrom, cureBy } from '../standing.js';
import { day, hour, minute, Notice, Termination, World } from '../world.js';
import { choose, somebody } from './choosing.js';
import { Command, Commands } from './command.js';
import { reasons, stands } from './partner-commands.js';
import { chooseAgreement } from './text-commands.js';

const uses = [...Object.keys(fixedTerms.uses), 'key_sharing', null, null];

function stopping(name: string, targets: readonly string[]): Command {
  return {
    weight: 0.5,
    choose: (world, dice) => {
      const on = chooseAgreement(dice, world);
      return {
        by: somebody(dice, name),
        on,
        reason: dice.pick(reasons),
        use: dice.pick(uses),
        other: dice.chance(50) ? choose(dice, world.notices, ({ agreement }) => agreement === on) : null,
        ...(targets.length > 0 && { target: dice.chance(90) ? dice.pick(targets) : 'harm.bias' }),
      };
    },
    judge: suspendWithin,
  };
}

/** A command about a notice: mostly of a side that may give it. */
function noticing(name: string, weight: number, states: readonly Notice['state'][], answers: boolean): Command {
  return {
    weight,
    choose: (world, dice) => {
      const on = choose(dice, world.notices, ({ state }) => states.includes(state));
      const served = world.notices[on]?.side ?? 'lab';
      const answering = served === 'lab' ? 'partner' : 'lab';
      return { by: somebody(dice, name, answers ? answering : served), on };
    },
    judge: ofNotice,
  };
}

function proposal(world: World, dice: Dice): Omit<Deed, 'command'> {
  const on = chooseAgreement(dice, world);
  const side = dice.pick(['lab', 'partner'] as const);
  const kind = dice.pick<Termination['kind']>([
    'for_cause',
    'for_cause',
    'for_convenience',
    'for_convenience',
    'mutual',
  ]);
  const carries = kind === 'for_cause' ? 'breach' : 'termination';
  const other = choose(dice, world.notices, (notice) => notice.kind === carries && notice.agreement === on);
  const bare = kind === 'mutual' ? dice.chance(95) : dice.chance(10);
  return { by: somebody(dice, 'propose termination', side), on, kind, other: bare ? null : other };
}

const terminating = (name: string, weight: number, judge: Command['judge']): Command => ({
  weight,
  choose: (world, dice) => {
    const on = choose(dice, world.terminations, ({ state }) => state === 'proposed');
    const termination = world.terminations[on];
    const crosses = name === 'confirm termination' && termination?.kind === 'mutual';
    const side = termination && (termination.side === 'lab') !== crosses ? 'lab' : 'partner';
    return { by: somebody(dice, name, termination ? side : null), on };
  },
  judge,
});

const lifting = (name: string, weight: number, judge: Command['judge']): Command => ({
  weight,
  choose: ({ suspensions }, dice) => {
    const fits = name === 'lift' ? 'liftProposedBy' : null;
    const on = choose(dice, suspensions, (stop) => stands(stop) && (fits === null) === (stop.liftProposedBy === null));
    const again = dice.chance(15) && suspensions[on]?.liftProposedBy;
    return { by: people.find(({ id }) => id === again) ?? somebody(dice, name), on };
  },
  judge,
});

const delegations: Commands = {
  delegate: {
    weight: 0.5,
    choose: ({ now }, dice) => {
      const at = now + dice.pick([-1, 0, 0, 0, day]);
      return {
        by: somebody(dice, 'delegate'),
        on: 0,
        stage: dice.pick(['approver', 'legal', 'compliance_lead']),
        person: dice.chance(80) ? person(dice.pick(['Cleo', 'Cora', 'Lee', 'Otto'])) : dice.pick(people),
        at,
        until: at + dice.pick([0, hour, day, 90 * day, 90 * day + 1]),
      };
    },
    judge: delegate,
  },
  'take back delegation': {
    weight: 0.3,
    choose: ({ delegations: made }, dice) => {
      const on = choose(dice, made, ({ revoked }) => !revoked);
      const own = people.find(({ id }) => id === made[on]?.from);
      return { by: own && dice.chance(70) ? own : somebody(dice, 'take back delegation'), on };
    },
    judge: takeBack,
  },
};

const spans = [minute, hour, day, 2 * day, 13 * day, 31 * day];

/** From when notices carry a termination. */
function maturities({ notices }: World): number[] {
  return notices.flatMap((notice) => [cureBy(notice), convenientFrom(notice)]);
}

/** Instants at which something changes with nobody doing anything. */
function turningPoints(world: World): number[] {
  const delegated = world.delegations.flatMap(({ begins, ends }) => [begins, ends]);
  const ended = world.texts.flatMap(({ endedAt }) => endedAt ?? []);
  return [...boundariesOf(world).map(({ at }) => at), ...maturities(world), ...delegated, ...ended];
}

/** Some time goes by, or as much as there is until something changes: a moment less, to the millisecond, or more. */
function advancing(world: World, dice: Dice): Omit<Deed, 'command'> {
  const points = (dice.chance(35) ? maturities(world) : turningPoints(world))
    .filter((at) => at > world.now)
    .toSorted((one, other) => one - other);
  if (points.length === 0 || dice.chance(40)) return { by: person('Ada'), on: 0, at: dice.pick(spans) };
  const point = dice.pick(points.slice(0, dice.chance(70) ? 3 : undefined));
  return { by: person('Ada'), on: 0, at: Math.max(0, point - world.now + dice.pick([-1, 0, 0, 1])) };
}

/** What is done about agreements that were executed, and the clock. */
export const standingCommands: Commands = {
  ...delegations,
  'suspend agreement': stopping('suspend agreement', []),
  'suspend purpose': stopping('suspend purpose', stoppable.purpose),
  'suspend model': stopping('suspend model', stoppable.model),
  'propose lift': lifting('propose lift', 0.8, proposeLift),
  lift: lifting('lift', 2, lift),
  'serve notice': {
    weight: 2.5,
    choose: (world, dice) => ({
      by: somebody(dice, 'serve notice', dice.pick(['lab', 'lab', 'partner'])),
      on: chooseAgreement(dice, world),
      kind: dice.pick(['breach', 'breach', 'breach', 'termination', 'termination', 'other']),
      use: dice.chance(60) ? null : dice.pick(uses),
    }),
    judge: serve,
  },
  'acknowledge notice': noticing('acknowledge notice', 1, ['served'], true),
  remedy: noticing('remedy', 2, ['served', 'acknowledged'], true),
  'accept remedy': noticing('accept remedy', 3, ['remedied'], false),
  'reject remedy': noticing('reject remedy', 3, ['remedied'], false),
  'withdraw notice': noticing('withdraw notice', 0.2, ['served', 'acknowledged', 'remedied'], false),
  'propose termination': {
    weight: 3,
    choose: (world, dice) => proposal(world, dice),
    judge: proposeTermination,
  },
  'confirm termination': terminating('confirm termination', 8, confirmTermination),
  'withdraw termination': terminating('withdraw termination', 0.3, withdrawTermination),
  advance: { weight: 2, choose: advancing, judge: advance },
  sweep: { weight: 0.6, choose: () => ({ by: person('Ada'), on: 0 }), judge: sweep },
};
