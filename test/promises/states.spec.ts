import { describe, expect, it } from 'vitest';
import { Amendment } from '../../src/agreements/amendments/amendment.entity.js';
import { ownerDataSource } from '../../src/data-source.js';
import { Actor, labRoles, machineRoles, partnerRoles, Role } from '../../src/kernel/actor.js';
import { Move, Moves } from '../../src/kernel/moves.js';
import { permissions } from '../../src/kernel/permissions.js';
import { Refusal } from '../../src/kernel/refusal.js';
import { AnyMoves } from './life.js';
import { lives } from './lives.js';
import { who } from './who.js';

const actor = { id: 'ada', roles: [] } as unknown as Actor;

/** Every state of a life with every command of it: what the review says comes of it, or nothing. */
const pairs = Object.entries(lives).flatMap(([thing, { moves, reviewed }]) =>
  moves.states.flatMap((state) =>
    moves.commands.map((command) => ({ thing, state, command, to: reviewed[state]?.[command] })),
  ),
);

it('every entity that has a state lives by a table, and every table is reviewed here', () => {
  const entities = ownerDataSource('postgres://nowhere').options.entities as (new () => object)[];
  const tables = entities.flatMap((entity) =>
    'moves' in entity && entity.moves instanceof Moves ? [entity.moves as AnyMoves] : [],
  );
  expect(tables.map(({ thing }) => thing).toSorted()).toEqual(Object.keys(lives).toSorted());
  expect(new Set(tables)).toEqual(new Set(Object.values(lives).map(({ moves }) => moves)));
});

describe.each(Object.entries(lives))('the life of a thing: %s', (thing, { moves, reviewed }) => {
  it('has the states of the review, and each can be reached', () => {
    expect(moves.states.toSorted()).toEqual(Object.keys(reviewed).toSorted());
    const seen = new Set([moves.initial]);
    for (const state of seen) for (const to of Object.values(reviewed[state]!)) seen.add(to);
    expect([...seen].toSorted()).toEqual(moves.states.toSorted());
  });

  it('has a permission for each command, which somebody carries', () => {
    const table = permissions as Record<string, readonly string[]>;
    expect(moves.commands.filter((command) => !table[`${thing}.${command}`]?.length)).toEqual([]);
  });

  it('leaves an event of its own name at each move', () => {
    const events = moves.states.flatMap((state) => Object.values(moves.table[state] as Record<string, Move<string>>));
    expect(events.filter(({ event }) => !event.startsWith(`${thing}.`))).toEqual([]);
  });

  it('is drawn whole in its diagram', () => {
    const drawn = moves.diagram().split('\n');
    const arrows = Object.entries(reviewed).flatMap(([state, row]) =>
      Object.entries(row).map(([command, to]) => `    ${state} --> ${to}: ${command}`),
    );
    expect(drawn).toEqual(expect.arrayContaining([`    [*] --> ${moves.initial}`, ...arrows]));
    expect(drawn.filter((line) => line.includes(': '))).toHaveLength(arrows.length);
  });
});

describe('a command that the table has makes its move', () => {
  it.each(pairs.filter(({ to }) => to))('$thing $state, $command → $to', ({ thing, state, command, to }) => {
    expect(lives[thing]!.give(state, command)).toMatchObject({ state: to });
  });
});

describe('a command that a kind does not take is refused, whatever the table says', () => {
  const foreign = {
    material: ['submit', 'acknowledge'],
    administrative: ['propose', 'accept', 'sign', 'countersign'],
    protective: ['propose', 'accept', 'sign', 'acknowledge', 'decline'],
  };
  it.each(Object.entries(foreign))('an amendment that is %s', (kind, commands) => {
    for (const [state, row] of Object.entries(lives.amendment!.reviewed)) {
      for (const command of Object.keys(row)) {
        const amendment = Object.assign(new Amendment(), { state, kind });
        const give = () => amendment.move(command);
        if (commands.includes(command)) expect(give).toThrow(Refusal);
        else expect(give).not.toThrow();
        expect(amendment.state).toBe(commands.includes(command) ? state : row[command]);
      }
    }
  });
});

describe('a command that the table lacks is refused and changes nothing', () => {
  it.each(pairs.filter(({ to }) => !to))('$thing $state, $command', ({ thing, state, command }) => {
    const give = () => lives[thing]!.give(state, command);
    expect(give).toThrow(Refusal);
    expect(give).toThrow(expect.objectContaining({ code: 'move_not_allowed', stateAfter: state }));
  });
});

const everyRole: readonly Role[] = [...labRoles, ...partnerRoles, ...machineRoles];

describe.each(Object.entries(lives))('every state × command × role of a %s', (thing, { moves, reviewed }) => {
  it('offers a role the commands that the review gives it in that state, and no other', () => {
    expect(Object.keys(who[thing]!).toSorted()).toEqual(moves.commands);
    for (const state of moves.states) {
      for (const role of everyRole) {
        const expected = Object.keys(reviewed[state]!).filter((command) => who[thing]![command]!.includes(role));
        const offered = moves.allowedTo({ ...actor, roles: [role] }, state);
        expect(offered.toSorted(), `${role} in ${state}`).toEqual(expected.toSorted());
      }
    }
  });
});

const to = (state: string) => ({ to: state, event: 'campaign.moved' });

describe('a bad table does not start', () => {
  it('with a state that nothing leads to', () => {
    const table = { proposed: { approve: to('approved') }, approved: {}, stranded: { approve: to('approved') } };
    expect(() => new Moves('campaign', 'proposed', table as never)).toThrow('leads to stranded');
  });

  it('with two states that lead to each other alone', () => {
    const table = { proposed: {}, here: { approve: to('there') }, there: { approve: to('here') } };
    expect(() => new Moves('campaign', 'proposed', table as never)).toThrow('leads to here, there');
  });

  it('with a command that no permission names', () => {
    const table = { proposed: { forget: to('proposed') } };
    expect(() => new Moves('campaign', 'proposed', table as never)).toThrow('who may forget a campaign');
  });

  it('with a command named like what every object has', () => {
    const table = { proposed: { constructor: to('proposed') } };
    expect(() => new Moves('campaign', 'proposed', table as never)).toThrow('who may constructor a campaign');
  });

  it('with a move to a state that it does not have', () => {
    const table = { proposed: { approve: to('nowhere') } };
    expect(() => new Moves('campaign', 'proposed', table as never)).toThrow();
  });
});
