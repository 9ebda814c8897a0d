import { describe, expect, it } from 'vitest';
import { Agreement, AgreementCommand } from '../../src/agreements/agreement.entity.js';
import { Campaign, CampaignCommand } from '../../src/campaigns/campaign.entity.js';
import { ownerDataSource } from '../../src/data-source.js';
import { Actor } from '../../src/kernel/actor.js';
import { Move, Moves } from '../../src/kernel/moves.js';
import { permissions } from '../../src/kernel/permissions.js';
import { Refusal } from '../../src/kernel/refusal.js';
import { KeyRequest, KeyRequestCommand } from '../../src/keys/key-request.entity.js';
import { PartnerCommand, PartnerOrganisation } from '../../src/partners/partner-organisation.entity.js';
import { PartnerSigningKey, SigningKeyCommand } from '../../src/partners/signing-keys/partner-signing-key.entity.js';

type AnyMoves = Moves<string, string>;

const at = new Date('2026-03-02T09:00:00Z');
const actor = { id: 'ada', roles: [] } as unknown as Actor;

/** A thing with a life, as its entity lives it. */
interface Life {
  moves: AnyMoves;
  /** Puts the entity into a state and gives it a command; the state that it is in afterwards, and the event. */
  give: (state: string, command: string) => { state: string; event: string };
  /** The whole life as it was reviewed: for each state, where each command leads. */
  reviewed: Record<string, Record<string, string>>;
}

const lives: Record<string, Life> = {
  partner: {
    moves: PartnerOrganisation.moves,
    give: (state, command) => {
      const partner = Object.assign(new PartnerOrganisation(), { state });
      return told(partner, () => partner.move(command as PartnerCommand));
    },
    reviewed: {
      prospect: {
        revise: 'prospect',
        submit: 'under_review',
        record_check: 'prospect',
        add_contact: 'prospect',
        remove_contact: 'prospect',
        set_networks: 'prospect',
      },
      under_review: {
        return: 'prospect',
        approve: 'active',
        decline: 'declined',
        record_check: 'under_review',
        add_contact: 'under_review',
        remove_contact: 'under_review',
        set_networks: 'under_review',
      },
      active: {
        offboard: 'offboarded',
        record_check: 'active',
        add_contact: 'active',
        remove_contact: 'active',
        set_networks: 'active',
      },
      offboarded: {},
      declined: {},
    },
  },
  signing_key: {
    moves: PartnerSigningKey.moves,
    give: (state, command) => {
      const key = Object.assign(new PartnerSigningKey(), { state });
      return told(key, () => key.move(command as SigningKeyCommand));
    },
    reviewed: {
      registered: { prove: 'proved', revoke: 'revoked' },
      proved: { approve: 'proved', activate: 'active', revoke: 'revoked' },
      active: { replace: 'replaced', revoke: 'revoked' },
      replaced: {},
      revoked: {},
    },
  },
  agreement: {
    moves: Agreement.moves,
    give: (state, command) => {
      const agreement = Object.assign(new Agreement(), { state });
      return told(agreement, () => agreement.move(command as AgreementCommand));
    },
    reviewed: {
      draft: { revise: 'draft', propose: 'in_negotiation', withdraw: 'withdrawn' },
      in_negotiation: { revise: 'in_negotiation', accept: 'in_approval', decline: 'declined', withdraw: 'withdrawn' },
      in_approval: {
        approve: 'in_approval',
        release: 'out_for_signature',
        return: 'in_negotiation',
        withdraw: 'withdrawn',
      },
      out_for_signature: {
        sign: 'out_for_signature',
        countersign: 'executed',
        decline: 'declined',
        withdraw: 'withdrawn',
      },
      executed: {},
      withdrawn: {},
      declined: {},
    },
  },
  campaign: {
    moves: Campaign.moves,
    give: (state, command) => {
      const campaign = Object.assign(new Campaign(), { state });
      return told(campaign, () => campaign.move(command as CampaignCommand, actor));
    },
    reviewed: {
      proposed: { approve: 'approved', reject: 'rejected', cancel: 'cancelled' },
      approved: { activate: 'active', cancel: 'cancelled' },
      active: { complete: 'completed' },
      completed: {},
      rejected: {},
      cancelled: {},
    },
  },
  key_request: {
    moves: KeyRequest.moves,
    give: (state, command) => {
      const request = Object.assign(new KeyRequest(), { state, submittedAt: at });
      return told(request, () => request.move(command as KeyRequestCommand, at));
    },
    reviewed: {
      submitted: { approve: 'approved_by_partner', reject: 'rejected', withdraw: 'withdrawn' },
      approved_by_partner: { approve: 'approved', clear: 'approved', reject: 'rejected', withdraw: 'withdrawn' },
      approved: { claim: 'claimed', withdraw: 'withdrawn' },
      claimed: {},
      rejected: {},
      withdrawn: {},
    },
  },
};

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

describe('a command that the table lacks is refused and changes nothing', () => {
  it.each(pairs.filter(({ to }) => !to))('$thing $state, $command', ({ thing, state, command }) => {
    const give = () => lives[thing]!.give(state, command);
    expect(give).toThrow(Refusal);
    expect(give).toThrow(expect.objectContaining({ code: 'move_not_allowed', stateAfter: state }));
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

/** What came of a command, also where it was refused. */
function told(entity: { state: string }, command: () => string): { state: string; event: string } {
  try {
    const event = command();
    return { state: entity.state, event };
  } catch (error) {
    throw Object.assign(error as Error, { stateAfter: entity.state });
  }
}
