import { Deed } from '../deed.js';
import { statusOf } from '../standing.js';
import { Ground, Happening, judged, refusedAs, Verdict } from '../verdict.js';
import { Partner, World } from '../world.js';
import { absent, notPermitted } from './permitted.js';

const living = ['prospect', 'under_review', 'active'];

/** What every prospect of the model is entered with. */
export const firstContacts = [
  { kind: 'signatory', email: 'sam@partner.example' },
  { kind: 'notice', email: 'notices@partner.example' },
];

/** A prospect is entered once: its legal name is its own. */
export function enter(world: World, deed: Deed): Verdict {
  const taken: Ground = ['already_exists', world.partner !== null];
  return judged(world, deed.by.id, [notPermitted(deed), taken], (happening) => {
    const contacts = firstContacts.map((contact) => ({ ...contact, removed: false }));
    happening.world.partner = { state: 'prospect', submittedBy: null, checks: {}, contacts };
    happening.tell('partner.entered', 'partner');
  });
}

interface Rule {
  from: readonly string[];
  event: string;
  grounds?: (world: World, partner: Partner, deed: Deed) => Ground[];
  effect: (partner: Partner, deed: Deed) => void;
}

const ended = (state: Partner['state']) => (partner: Partner) => {
  partner.state = state;
};

const rules: Readonly<Record<string, Rule>> = {
  'record check': {
    from: living,
    event: 'check_recorded',
    effect: (partner, { kind, outcome }) => {
      partner.checks[kind!] = outcome!;
    },
  },
  'add contact': {
    from: living,
    event: 'contact_added',
    grounds: (_world, partner, { contact }) => [['already_exists', inForce(partner).some(isLike(contact!))]],
    effect: (partner, { contact }) => {
      partner.contacts.push({ ...contact!, removed: false });
    },
  },
  'remove contact': { from: living, event: 'contact_removed', grounds: removalGrounds, effect: remove },
  'submit partner': {
    from: ['prospect'],
    event: 'submitted',
    grounds: (_world, partner) => [
      ['invalid_request', ['signatory', 'notice'].some((kind) => inForce(partner).every((one) => one.kind !== kind))],
    ],
    effect: (partner, { by }) => Object.assign(partner, { state: 'under_review', submittedBy: by.id }),
  },
  'return partner': { from: ['under_review'], event: 'returned', effect: ended('prospect') },
  'approve partner': {
    from: ['under_review'],
    event: 'approved',
    grounds: (_world, partner, { by }) => [
      ['separation_of_duties', partner.submittedBy === by.id],
      ['move_not_allowed', Object.values(partner.checks).includes('blocked')],
    ],
    effect: (partner) => Object.assign(partner, { state: 'active', checks: { sanctions: 'clear', conflict: 'clear' } }),
  },
  'decline partner': { from: ['under_review'], event: 'declined', effect: ended('declined') },
  'offboard partner': {
    from: ['active'],
    event: 'offboarded',
    grounds: (world) => [['still_bound', isBound(world)]],
    effect: ended('offboarded'),
  },
};

/** Every other command that is about the partner organisation itself. */
export function ofPartner(world: World, deed: Deed): Verdict {
  const { partner } = world;
  const gone = absent(deed, partner);
  if (gone || !partner) return refusedAs(...(gone ?? []));
  const { from, event, grounds, effect } = rules[deed.command]!;
  const all: Ground[] = [
    notPermitted(deed),
    ['move_not_allowed', !from.includes(partner.state)],
    ...(grounds?.(world, partner, deed) ?? []),
  ];
  return judged(world, deed.by.id, all, (happening: Happening) => {
    effect(happening.world.partner!, deed);
    happening.tell(`partner.${event}`, 'partner');
  });
}

/** Whether an agreement holds, will hold or may yet be signed: the partner cannot go before it ends. */
export function isBound(world: World): boolean {
  const binding = ['pending', 'in_force', 'suspended'];
  const over = ['withdrawn', 'declined', 'lapsed'];
  return world.texts.some(({ kind, state }, position) => {
    const status = statusOf(world, position, world.now);
    const binds = status === 'not_executed' ? !over.includes(state) : binding.includes(status);
    return kind === 'original' && binds;
  });
}

function inForce({ contacts }: Partner) {
  return contacts.filter(({ removed }) => !removed);
}

function isLike(contact: { kind: string; email: string }) {
  return ({ kind, email }: { kind: string; email: string }) => kind === contact.kind && email === contact.email;
}

function removalGrounds(_world: World, partner: Partner, { on }: Deed): Ground[] {
  const contact = partner.contacts[on];
  if (!contact) return [['not_found', true]];
  const others = inForce(partner).filter((one) => one !== contact && one.kind === contact.kind);
  const required = partner.state !== 'prospect' && ['signatory', 'notice'].includes(contact.kind);
  return [['move_not_allowed', contact.removed || (required && others.length === 0)]];
}

function remove(partner: Partner, { on }: Deed): void {
  partner.contacts[on]!.removed = true;
}
