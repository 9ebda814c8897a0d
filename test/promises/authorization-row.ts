/** The lab’s roles, as the reviewed policy names them; the program’s own list is not read. */
export const labRoles = ['partnerships', 'approver', 'lab_signatory', 'compliance', 'admin'] as const;
/** A partner’s. */
export const partnerRoles = ['partner_admin', 'partner_signatory', 'researcher'] as const;

/** A person by their one role, or an inference gateway. */
export type Role = (typeof labRoles)[number] | (typeof partnerRoles)[number] | 'gateway';

/** What is known when a call is made. */
interface Known {
  agreementId: string;
}

/** One route: who may, and how to call it so that it answers `answers` to whoever may. */
export interface Row {
  may: readonly Role[] | 'public';
  body?: object;
  query?: (known: Known) => string;
  /**
   * Left out: a GET answers 200; what names an id is called with one that does not exist and answers 404; anything
   * else is called with an empty body and answers 422. So the table can be tried without changing anything.
   */
  answers?: number;
}
