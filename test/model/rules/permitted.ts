import { ProblemCode } from '../../../src/kernel/problems.js';
import { Deed } from '../deed.js';
import { holds } from '../people.js';
import { Ground } from '../verdict.js';

const negotiators = ['partnerships', 'partner_admin', 'partner_signatory'];
const members = ['partner_admin', 'partner_signatory'];
const reviewers = ['approver', 'compliance'];
const stoppers = ['partnerships', 'approver', 'compliance'];

/** Who gives which command, as the design has it. */
export const roles: Readonly<Record<string, readonly string[]>> = {
  'enter partner': ['partnerships'],
  'record check': stoppers,
  'add contact': ['partnerships', 'partner_admin'],
  'remove contact': ['partnerships', 'partner_admin'],
  'submit partner': ['partnerships'],
  'return partner': ['approver'],
  'approve partner': ['approver'],
  'decline partner': ['approver'],
  'offboard partner': ['approver'],
  'draft agreement': ['partnerships'],
  'draft successor': ['partnerships'],
  'draft amendment': ['partnerships'],
  revise: ['partnerships'],
  propose: ['partnerships'],
  submit: ['partnerships'],
  'counter-propose': negotiators,
  accept: negotiators,
  decline: members,
  withdraw: ['partnerships'],
  return: reviewers,
  approve: reviewers,
  delegate: reviewers,
  'take back delegation': reviewers,
  sign: ['partner_signatory'],
  countersign: ['lab_signatory'],
  acknowledge: members,
  reopen: ['partnerships', 'partner_signatory'],
  'suspend agreement': stoppers,
  'suspend purpose': stoppers,
  'suspend model': stoppers,
  'suspend organisation': stoppers,
  'propose lift': [...stoppers, 'partner_admin'],
  lift: [...stoppers, 'partner_admin'],
  'serve notice': [...stoppers, ...members],
  'acknowledge notice': [...stoppers, ...members],
  remedy: ['partnerships', 'approver', ...members],
  'accept remedy': [...reviewers, ...members],
  'reject remedy': [...reviewers, ...members],
  'withdraw notice': [...reviewers, ...members],
  'propose termination': ['approver', 'lab_signatory', ...members],
  'confirm termination': ['lab_signatory', 'partner_signatory'],
  'withdraw termination': ['approver', 'lab_signatory', ...members],
};

/** The ground that somebody's roles do not carry a command. */
export function notPermitted({ command, by }: Deed): Ground {
  return ['forbidden', !holds(by, roles[command] ?? [])];
}

/** The grounds on which something does not exist for somebody. */
export function absent(deed: Deed, thing: object | undefined | null): ProblemCode[] | null {
  if (thing && !deed.by.stranger) return null;
  const [code, isForbidden] = notPermitted(deed);
  return isForbidden ? [code, 'not_found'] : ['not_found'];
}
