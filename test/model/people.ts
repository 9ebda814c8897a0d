/** One of the parties; the names by which the log tells them apart. */
export type Side = 'lab' | 'partner';

/** Somebody who gives commands. Roles are words here: what they permit, the model says on its own. */
export interface Person {
  readonly name: string;
  readonly id: string;
  readonly side: Side;
  readonly roles: readonly string[];
  readonly email: string;
  /** Whether a member of another organisation than the run's, for whom nothing of it exists. */
  readonly stranger?: true;
}

const idOf = (number: number): string => `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`;

/** Everybody. Several hold more roles than one, since only then the rules that part people can be broken. */
export const people: readonly Person[] = (
  [
    ['Petra', 'lab', 'partnerships'],
    ['Paul', 'lab', 'partnerships'],
    ['Otto', 'lab', 'partnerships approver compliance'],
    ['Lee', 'lab', 'approver'],
    ['Lena', 'lab', 'approver'],
    ['Cleo', 'lab', 'compliance'],
    ['Cora', 'lab', 'compliance'],
    ['Grace', 'lab', 'lab_signatory'],
    ['Gus', 'lab', 'lab_signatory approver'],
    ['Ada', 'lab', 'admin'],
    ['Pia', 'partner', 'partner_admin'],
    ['Sam', 'partner', 'partner_signatory'],
    ['Sid', 'partner', 'partner_signatory partner_admin'],
    ['Rui', 'partner', 'researcher'],
    ['Stranger', 'partner', 'partner_admin partner_signatory'],
  ] as const
).map(([name, side, roles], index) => ({
  name,
  id: idOf(index + 1),
  side,
  roles: roles.split(' '),
  email: `${name.toLowerCase()}@${side}.example`,
  ...(name === 'Stranger' && { stranger: true as const }),
}));

/** The organisation of strangers. */
export const strangersId = idOf(1000);

/** An id that names nothing. */
export const nothingId = idOf(9999);

/** Somebody by name. */
export function person(name: string): Person {
  return people.find((one) => one.name === name)!;
}

/** Whether somebody holds one of some roles. */
export function holds({ roles }: Person, wanted: readonly string[]): boolean {
  return wanted.some((role) => roles.includes(role));
}
