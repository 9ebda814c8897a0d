import { Dice } from '../dice.js';
import { enter, ofPartner } from '../rules/partner.js';
import { suspendOrganisation } from '../rules/suspensions.js';
import { Suspension, World } from '../world.js';
import { somebody } from './choosing.js';
import { Command, Commands } from './command.js';

export const reasons = ['security', 'investigation', 'suspected_breach', 'confirmed_breach'];

function about(name: string, weight: number, more: (world: World, dice: Dice) => object = () => ({})): Command {
  return {
    weight,
    choose: (world, dice) => ({ by: somebody(dice, name), on: 0, ...more(world, dice) }),
    judge: ofPartner,
  };
}

/** The life of the partner organisation. */
export const partnerCommands: Commands = {
  'enter partner': {
    weight: 50,
    choose: (_world, dice) => ({ by: somebody(dice, 'enter partner'), on: 0 }),
    judge: enter,
  },
  'record check': about('record check', 0.3, (_world, dice) => ({
    kind: dice.pick(['sanctions', 'conflict']),
    outcome: dice.pick(['clear', 'clear', 'accepted_risk', 'blocked']),
  })),
  'add contact': about('add contact', 0.3, (_world, dice) => ({
    contact: {
      kind: dice.pick(['signatory', 'signatory', 'notice', 'security']),
      email: dice.pick(['sam@partner.example', 'sid@partner.example', 'notices@partner.example']),
    },
  })),
  'remove contact': about('remove contact', 0.3, ({ partner }, dice) => ({
    on: dice.below((partner?.contacts.length ?? 0) + 1),
  })),
  'submit partner': about('submit partner', 40),
  'return partner': about('return partner', 1),
  'approve partner': about('approve partner', 40),
  'decline partner': about('decline partner', 0.3),
  'offboard partner': about('offboard partner', 0.1),
  'suspend organisation': {
    weight: 0.2,
    choose: (_world, dice) => ({ by: somebody(dice, 'suspend agreement'), on: 0, reason: dice.pick(reasons) }),
    judge: suspendOrganisation,
  },
};

/** Whether a stop is in force. */
export function stands({ liftedAt }: Suspension): boolean {
  return liftedAt === null;
}
