import { DelegationsService } from '../../../src/agreements/approval/delegations.service.js';
import { TerminationsService } from '../../../src/agreements/endings/terminations.service.js';
import { NoticesService } from '../../../src/agreements/notices/notices.service.js';
import { StoppingService } from '../../../src/agreements/stopping.service.js';
import { Sweeper } from '../../../src/agreements/sweep/sweeper.js';
import { refusalOf } from '../../../src/http/problem.js';
import { may, Permission } from '../../../src/kernel/permissions.js';
import { ProblemCode } from '../../../src/kernel/problems.js';
import { Refusal } from '../../../src/kernel/refusal.js';
import { ContactsService } from '../../../src/partners/contacts/contacts.service.js';
import { ChecksService } from '../../../src/partners/due-diligence/checks.service.js';
import { PartnersService } from '../../../src/partners/partners.service.js';
import { ReviewService } from '../../../src/partners/review.service.js';
import { SuspensionsService } from '../../../src/suspensions/suspensions.service.js';
import { Deed } from '../deed.js';
import { nothingId } from '../people.js';
import { firstContacts } from '../rules/partner.js';
import { textDeeds } from './carry-out-texts.js';
import { System } from './system.js';

/** How the system is given a command: by whom a route lets it be given, and what the route calls. */
export interface Carried {
  permission: Permission | ((system: System, deed: Deed) => Permission);
  call: (system: System, deed: Deed) => Promise<unknown>;
}

const clear = { outcome: 'clear' as const, source: 'A list' };
const reason = 'Because.';

const named = (email: string) => email.split('@')[0]!;

const partnerDeeds: Record<string, Carried> = {
  'enter partner': { permission: 'partner.create', call: enter },
  'record check': {
    permission: 'partner.record_check',
    call: (system, { by, kind, outcome }) => {
      const body = { kind: kind as 'sanctions', outcome: outcome as 'clear', source: 'A list' };
      return system.get(ChecksService).record(system.actor(by), system.organisationId, body);
    },
  },
  'add contact': {
    permission: 'partner.add_contact',
    call: async (system, { by, contact }) => {
      const body = { kind: contact!.kind as 'notice', email: contact!.email, name: named(contact!.email) };
      const { id } = await system.get(ContactsService).add(system.actor(by), system.organisationId, body);
      system.made.contacts.push(id);
    },
  },
  'remove contact': {
    permission: 'partner.remove_contact',
    call: (system, { by, on }) => {
      const id = system.made.contacts[on] ?? nothingId;
      return system.get(ContactsService).remove(system.actor(by), system.organisationId, id);
    },
  },
  'submit partner': reviewing('partner.submit', (review, actor, id) => review.submit(actor, id)),
  'return partner': reviewing('partner.return', (review, actor, id) => review.return(actor, id)),
  'approve partner': reviewing('partner.approve', (review, actor, id) =>
    review.approve(actor, id, { sanctions: clear, conflict: clear }),
  ),
  'decline partner': reviewing('partner.decline', (review, actor, id) => review.decline(actor, id, reason)),
  'offboard partner': reviewing('partner.offboard', (review, actor, id) => review.offboard(actor, id, reason)),
  'suspend organisation': {
    permission: 'partner.suspend',
    call: async (system, deed) => {
      const body = { reasonCode: deed.reason as 'security', reason };
      const stop = system.get(PartnersService).suspend(system.actor(deed.by), system.organisationId, body);
      system.made.suspensions.push((await stop).id);
    },
  },
};

function reviewing(
  permission: Permission,
  call: (review: ReviewService, actor: ReturnType<System['actor']>, id: string) => Promise<unknown>,
): Carried {
  return {
    permission,
    call: (system, { by }) => call(system.get(ReviewService), system.actor(by), system.organisationId),
  };
}

async function enter(system: System, { by }: Deed): Promise<void> {
  const { id, contacts } = await system.get(PartnersService).create(system.actor(by), {
    legalName: system.legalName,
    country: 'DE',
    emailDomains: ['partner.example'],
    competitor: true,
    contacts: firstContacts.map(({ kind, email }) => ({ kind: kind as 'notice', email, name: named(email) })),
  });
  system.organisationId = id;
  system.made.contacts = contacts.map((contact) => contact.id);
}

const textId = ({ made }: System, position: number) => made.texts[position]?.id ?? nothingId;
const noticeId = ({ made }: System, position: number) => made.notices[position] ?? nothingId;

function stopping(scope: 'agreement' | 'purpose' | 'model'): Carried {
  return {
    permission: 'agreement.suspend',
    call: async (system, { by, on, reason: reasonCode, target, use, other = null }) => {
      const stop = await system.get(StoppingService).suspend(system.actor(by), textId(system, on), {
        scope,
        reasonCode: reasonCode as 'security',
        reason,
        ...(target !== undefined && { target }),
        ...(use && { prohibitedUse: use as 'model_training' }),
        ...(other !== null && { noticeId: noticeId(system, other) }),
      });
      system.made.suspensions.push(stop.id);
    },
  };
}

type Decision = 'accept_remedy' | 'reject_remedy' | 'withdraw';

const deciding = (command: Decision): Carried => ({
  permission: `notice.${command}`,
  call: (system, { by, on }) =>
    system.get(NoticesService).decide(system.actor(by), noticeId(system, on), command, reason),
});

const lifting = (verb: 'proposeLift' | 'lift'): Carried => ({
  permission: verb === 'lift' ? 'suspension.lift' : 'suspension.propose_lift',
  call: (system, { by, on }) =>
    system.get(SuspensionsService)[verb](system.actor(by), system.made.suspensions[on] ?? nothingId),
});

const terminationId = ({ made }: System, position: number) => made.terminations[position] ?? nothingId;

const standingDeeds: Record<string, Carried> = {
  delegate: {
    permission: 'approval_delegation.make',
    call: async (system, { by, stage, person, at, until }) => {
      const delegation = await system.get(DelegationsService).delegate(system.actor(by), {
        delegateId: person!.id,
        stage: stage as 'approver',
        from: system.instant(at!).toISOString(),
        until: system.instant(until!).toISOString(),
        reason,
      });
      system.made.delegations.push(delegation.id);
    },
  },
  'take back delegation': {
    permission: 'approval_delegation.make',
    call: (system, { by, on }) =>
      system.get(DelegationsService).revoke(system.actor(by), system.made.delegations[on] ?? nothingId),
  },
  'suspend agreement': stopping('agreement'),
  'suspend purpose': stopping('purpose'),
  'suspend model': stopping('model'),
  'propose lift': lifting('proposeLift'),
  lift: lifting('lift'),
  'serve notice': {
    permission: 'notice.serve',
    call: async (system, { by, on, kind, use }) => {
      const body = { kind: kind as 'breach', clauseRef: '11', body: 'A notice.' };
      const notice = await system.get(NoticesService).serve(system.actor(by), textId(system, on), {
        ...body,
        ...(use && { prohibitedUse: use as 'model_training' }),
      });
      system.made.notices.push(notice.id);
    },
  },
  'acknowledge notice': {
    permission: 'notice.acknowledge',
    call: (system, { by, on }) => system.get(NoticesService).acknowledge(system.actor(by), noticeId(system, on)),
  },
  remedy: {
    permission: 'notice.remedy',
    call: (system, { by, on }) => system.get(NoticesService).remedy(system.actor(by), noticeId(system, on), 'Done.'),
  },
  'accept remedy': deciding('accept_remedy'),
  'reject remedy': deciding('reject_remedy'),
  'withdraw notice': deciding('withdraw'),
  'propose termination': {
    permission: 'agreement.terminate',
    call: async (system, { by, on, kind, other = null }) => {
      const body = { kind: kind as 'mutual', reason, ...(other !== null && { noticeId: noticeId(system, other) }) };
      const service = system.get(TerminationsService);
      system.made.terminations.push((await service.propose(system.actor(by), textId(system, on), body)).id);
    },
  },
  'confirm termination': {
    permission: 'termination.confirm',
    call: (system, { by, on }) => system.get(TerminationsService).confirm(system.actor(by), terminationId(system, on)),
  },
  'withdraw termination': {
    permission: 'termination.withdraw',
    call: (system, { by, on }) =>
      system.get(TerminationsService).withdraw(system.actor(by), terminationId(system, on), reason),
  },
};

const deeds: Record<string, Carried> = { ...partnerDeeds, ...textDeeds, ...standingDeeds };

/** Gives the system a command as its routes would; the code with which it refuses, or null where it carries it out. */
export async function carryOut(system: System, deed: Deed): Promise<ProblemCode | null> {
  if (deed.command === 'advance') return done(system.stage.clock.advance(deed.at!));
  if (deed.command === 'sweep') return done(await system.get(Sweeper).sweep());
  const { permission, call } = deeds[deed.command]!;
  try {
    const asked = typeof permission === 'string' ? permission : permission(system, deed);
    if (!may(system.actor(deed.by), asked)) throw new Refusal('forbidden');
    await call(system, deed);
    return null;
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === null) throw error;
    return refusal.code;
  }
}

const done = (_: unknown): null => null;
