import { AgreementTexts } from '../../../src/agreements/agreement-texts.js';
import { AgreementsService } from '../../../src/agreements/agreements.service.js';
import { AmendmentTexts } from '../../../src/agreements/amendments/amendment-texts.js';
import { AmendmentsService } from '../../../src/agreements/amendments/amendments.service.js';
import { NegotiatedText } from '../../../src/agreements/negotiation/negotiated-text.js';
import { TextCommands } from '../../../src/agreements/negotiation/text-commands.js';
import { Permission } from '../../../src/kernel/permissions.js';
import { Named, Deed } from '../deed.js';
import { nothingId } from '../people.js';
import type { Carried } from './carry-out.js';
import { System } from './system.js';
import { draftOf } from './terms-of.js';

const reason = 'Because.';
const nothing = `sha-256:${'0'.repeat(64)}`;

const idOf = ({ made }: System, position: number) => made.texts[position]?.id ?? nothingId;

function thingOf({ made }: System, position: number): 'agreement' | 'amendment' {
  return made.texts[position]?.thing ?? 'agreement';
}

/** The service that takes commands about a text of this kind. */
function textsOf(system: System, position: number): TextCommands<NegotiatedText, unknown> {
  const service = thingOf(system, position) === 'agreement' ? AgreementTexts : AmendmentTexts;
  return system.get<unknown>(service) as TextCommands<NegotiatedText, unknown>;
}

/** The digest that somebody names, of a revision that was written or of nothing. */
function digestOf(system: System, named: Named | undefined): string {
  return (named && system.digests[named.text]?.[named.revision]) ?? nothing;
}

type Texts = TextCommands<NegotiatedText, unknown>;
type Call = (
  texts: Texts,
  by: ReturnType<System['actor']>,
  id: string,
  more: { system: System; deed: Deed },
) => Promise<unknown>;

function about(command: string, call: Call): Carried {
  return {
    permission: (system, { on }) => `${thingOf(system, on)}.${command}` as Permission,
    call: (system, deed) => {
      const by = system.actor(deed.by, deed.signing ? deed.signing.provedAgo : 0);
      return call(textsOf(system, deed.on), by, idOf(system, deed.on), { system, deed });
    },
  };
}

function signatureOf(system: System, { named, signing, by }: Deed) {
  const affirmed = { intendToSign: true, authorisedToBind: true } as const;
  const legalName = signing!.ownName ? by.name : `${by.name} Other`;
  return { digest: digestOf(system, named), legalName, title: 'Signatory', ...affirmed };
}

async function draftAgreement(system: System, { by, content, other = null }: Deed): Promise<void> {
  const { id } = await system.get(AgreementsService).create(system.actor(by), {
    organisationId: system.organisationId,
    title: 'An exercise',
    ...draftOf(content!, system.instant),
    ...(other !== null && { supersedesId: idOf(system, other) }),
  });
  system.made.texts.push({ id, thing: 'agreement' });
}

async function draftAmendment(system: System, { by, on, content, kind, at }: Deed): Promise<void> {
  const { id } = await system.get(AmendmentsService).create(system.actor(by), idOf(system, on), {
    kind: kind as 'material',
    effectiveFrom: system.instant(at!).toISOString(),
    rationale: reason,
    ...draftOf(content!, system.instant),
  });
  system.made.texts.push({ id, thing: 'amendment' });
}

/** Commands about texts. Those that only amendments take are asked of the amendments whatever the text is. */
export const textDeeds: Record<string, Carried> = {
  'draft agreement': { permission: 'agreement.create', call: draftAgreement },
  'draft successor': { permission: 'agreement.create', call: draftAgreement },
  'draft amendment': { permission: 'amendment.create', call: draftAmendment },
  revise: about('revise', (texts, by, id, { system, deed }) =>
    texts.revise(by, id, draftOf(deed.content!, system.instant)),
  ),
  propose: about('propose', (texts, by, id) => texts.propose(by, id)),
  submit: {
    permission: 'amendment.submit',
    call: (system, { by, on }) => system.get(AmendmentTexts).submit(system.actor(by), idOf(system, on)),
  },
  'counter-propose': about('counter_propose', (texts, by, id, { system, deed }) => {
    const draft = draftOf(deed.content!, system.instant);
    return texts.counterPropose(by, id, { ...draft, baseDigest: digestOf(system, deed.named) });
  }),
  accept: about('accept', (texts, by, id, { system, deed }) => texts.accept(by, id, digestOf(system, deed.named))),
  decline: about('decline', (texts, by, id) => texts.end(by, id, 'decline', reason)),
  withdraw: about('withdraw', (texts, by, id) => texts.end(by, id, 'withdraw', reason)),
  return: about('return', (texts, by, id) => texts.return(by, id, reason)),
  reopen: about('reopen', (texts, by, id) => texts.reopen(by, id, reason)),
  approve: about('approve', (texts, by, id, { system, deed }) =>
    texts.approve(by, id, { digest: digestOf(system, deed.named), stage: deed.stage as 'approver' }),
  ),
  sign: about('sign', (texts, by, id, { system, deed }) => texts.sign(by, id, signatureOf(system, deed))),
  countersign: about('countersign', (texts, by, id, { system, deed }) =>
    texts.countersign(by, id, signatureOf(system, deed)),
  ),
  acknowledge: {
    permission: 'amendment.acknowledge',
    call: (system, { by, on, named }) =>
      system.get(AmendmentTexts).acknowledge(system.actor(by), idOf(system, on), digestOf(system, named)),
  },
};
