import { Actor, Role } from './actor.js';

const lab = ['partnerships', 'approver', 'lab_signatory', 'compliance', 'admin'] as const satisfies readonly Role[];
const partner = ['partner_admin', 'partner_signatory', 'researcher'] as const satisfies readonly Role[];

/**
 * Which roles carry which permission: the one table behind the routes, the state tables and `allowedActions`.
 * Partners are further held to their own organisation's rows; further rules part people (author ≠ approver).
 */
export const permissions = {
  'self.read': [...lab, ...partner],

  'user.read': ['admin', 'compliance', 'partner_admin'],
  'user.suspend': ['admin', 'partner_admin'],
  'user.set_roles': ['admin', 'partner_admin'],
  'staff.invite': ['admin'],
  'invitation.read': ['admin', 'partnerships', 'partner_admin'],
  'gateway_credential.create': ['admin'],
  'gateway_credential.read': ['admin', 'compliance'],
  'gateway_credential.revoke': ['admin', 'compliance'],

  'partner.create': ['partnerships'],
  'partner.read': [...lab, ...partner],
  'partner.submit': ['partnerships'],
  'partner.approve': ['approver'],
  'partner.return': ['approver'],
  'partner.revise': ['partnerships'],
  'partner.decline': ['approver'],
  'partner.offboard': ['approver'],
  'partner.record_check': ['partnerships', 'approver', 'compliance'],
  'partner.read_checks': lab,
  'partner.add_contact': ['partnerships', 'partner_admin'],
  'partner.remove_contact': ['partnerships', 'partner_admin'],
  'partner.set_networks': ['partnerships', 'partner_admin'],
  'partner.read_ties': lab,
  'partner.suspend': ['partnerships', 'approver', 'compliance'],
  'member.invite': ['partnerships', 'partner_admin'],
  'signing_key.register': ['partner_admin', 'partner_signatory'],
  'signing_key.read': [...lab, 'partner_admin', 'partner_signatory'],
  'signing_key.prove': ['partner_admin', 'partner_signatory'],
  'signing_key.approve': ['partnerships', 'approver', 'compliance'],
  'signing_key.activate': ['system'],
  'signing_key.replace': ['system'],
  'signing_key.revoke': ['partner_admin', 'partner_signatory', 'compliance'],

  'suspension.read': [...lab, ...partner],
  'suspension.propose_lift': ['partnerships', 'approver', 'compliance', 'partner_admin'],
  'suspension.lift': ['partnerships', 'approver', 'compliance', 'partner_admin'],

  'agreement.create': ['partnerships'],
  'agreement.read': [...lab, 'partner_admin', 'partner_signatory', 'researcher'],
  'agreement.revise': ['partnerships'],
  'agreement.propose': ['partnerships'],
  'agreement.accept': ['partner_admin', 'partner_signatory'],
  'agreement.decline': ['partner_admin', 'partner_signatory'],
  'agreement.withdraw': ['partnerships'],
  'agreement.approve': ['approver', 'compliance'],
  'agreement.release': ['system'],
  'agreement.return': ['approver', 'compliance'],
  'agreement.sign': ['partner_signatory'],
  'agreement.countersign': ['lab_signatory'],
  'agreement.suspend': ['partnerships', 'approver', 'compliance'],
  'evidence.read': [...lab, 'partner_admin', 'partner_signatory'],

  'campaign.propose': ['partner_admin'],
  'campaign.read': [...lab, ...partner],
  'campaign.approve': ['partnerships', 'approver'],
  'campaign.reject': ['partnerships', 'approver'],
  'campaign.activate': ['partner_admin', 'partnerships'],
  'campaign.complete': ['partner_admin', 'partnerships'],
  'campaign.cancel': ['partner_admin', 'partnerships'],
  'roster.add': ['partner_admin'],
  'roster.read': [...lab, ...partner],
  'roster.remove': ['partner_admin', 'partnerships', 'compliance'],

  'key_request.submit': ['researcher'],
  'key_request.read': [...lab, ...partner],
  'key_request.approve': ['partner_admin', 'partnerships', 'approver'],
  'key_request.reject': ['partner_admin', 'partnerships', 'approver'],
  'key_request.withdraw': ['researcher'],
  'key_request.clear': ['system'],
  'key_request.claim': ['researcher'],
  'key.read': [...lab, ...partner],
  'key.suspend': ['partner_admin', 'partnerships', 'compliance'],
  'key.revoke': ['researcher', 'partner_admin', 'partnerships', 'compliance'],

  'quota.read': [...lab, ...partner],
  'usage.report': ['gateway'],
  'usage.read': [...lab, ...partner],
  'statement.close': ['compliance', 'partnerships'],
  'statement.read': [...lab, 'partner_admin', 'partner_signatory'],
  'finding.read': [...lab, 'partner_admin', 'partner_signatory'],
  'audit.read': ['compliance', 'admin', 'partner_admin', 'partner_signatory'],
} as const satisfies Record<string, readonly Role[]>;

export type Permission = keyof typeof permissions;

/** Whether any of the actor's roles carries the permission. */
export function may(actor: Actor, permission: Permission): boolean {
  const roles: readonly Role[] = permissions[permission];
  return actor.roles.some((role) => roles.includes(role));
}
