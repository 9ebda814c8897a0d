import { stagesOf } from '../content.js';
import { Deed } from '../deed.js';
import { holds } from '../people.js';
import { Ground, judged, refusedAs, Verdict } from '../verdict.js';
import { day, Delegation, headOf, Text, World } from '../world.js';
import { absent, notPermitted } from './permitted.js';
import { every, notHead, TextRule } from './texts.js';

/** A text that is not signed within this time after its release lapses. */
const signatureDays = 30;
const delegationDaysMax = 90;

const speaker = (stage: string) => (stage === 'compliance_lead' ? 'compliance' : 'approver');

/** The delegations under which somebody may speak for a stage that their own roles do not speak for. */
function delegationsOf({ delegations, now }: World, { by, stage }: Deed): Delegation[] {
  return delegations.filter(
    (one) => one.to === by.id && one.stage === stage && !one.revoked && one.begins <= now && now < one.ends,
  );
}

/** For whom somebody may speak: themself, or each who delegated to them. */
function voicesOf(world: World, deed: Deed): (string | null)[] {
  return holds(deed.by, [speaker(deed.stage!)]) ? [null] : delegationsOf(world, deed).map(({ from }) => from);
}

function given({ approvals, round }: Text) {
  return approvals.filter((approval) => approval.round === round);
}

/** Whether nobody is an author, or has spoken already, of those who would speak: the approver, and for whom. */
function mayApprove(text: Text, by: string, behalf: string | null): boolean {
  const spoken = given(text).flatMap((approval) => [approval.by, approval.behalf]);
  const authors = text.revisions.map(({ author }) => author);
  return [by, ...(behalf === null ? [] : [behalf])].every((one) => !spoken.includes(one) && !authors.includes(one));
}

function approvalGrounds(world: World, text: Text, deed: Deed): Ground[] {
  const { by, stage } = deed;
  const voices = voicesOf(world, deed);
  return [
    notHead(world, deed, 'digest_mismatch'),
    ['invalid_request', !stagesOf(text.kind, headOf(text).content).includes(stage!)],
    ['forbidden', voices.length === 0],
    ['separation_of_duties', voices.length > 0 && !voices.some((behalf) => mayApprove(text, by.id, behalf))],
    ['already_exists', given(text).some((approval) => approval.stage === stage)],
  ];
}

/** Each stage is approved once, by people who wrote none of it and of whom none speaks twice. */
export const approve: TextRule = {
  from: ['in_approval'],
  kinds: every,
  grounds: approvalGrounds,
  effect: (happening, text, deed) => {
    const { by, stage } = deed;
    const behalf = voicesOf(happening.world, deed).find((one) => mayApprove(text, by.id, one))!;
    text.approvals.push({ round: text.round, stage: stage!, by: by.id, behalf });
    happening.move(deed.on, ['approve', 'in_approval', 'approval_recorded']);
    if (given(text).length < stagesOf(text.kind, headOf(text).content).length) return;
    happening.move(deed.on, ['release', 'out_for_signature', 'released_for_signature']);
    text.signBy = happening.world.now + signatureDays * day;
  },
};

/** Somebody lets another person of the lab, who has such powers, speak for a stage that is their own, for a time. */
export function delegate(world: World, deed: Deed): Verdict {
  const { by, stage, at, until } = deed;
  const delegateTo = deed.person!;
  const grounds: Ground[] = [
    notPermitted(deed),
    ['forbidden', !holds(by, [speaker(stage!)])],
    ['invalid_request', at! < world.now || until! <= at! || until! > at! + delegationDaysMax * day],
    ['separation_of_duties', delegateTo.id === by.id],
    ['invalid_request', delegateTo.side !== 'lab' || !holds(delegateTo, ['approver', 'compliance'])],
  ];
  return judged(world, by.id, grounds, (happening) => {
    const { delegations } = happening.world;
    happening.tell('approval_delegation.made', `delegation ${delegations.length}`, true);
    delegations.push({ stage: stage!, from: by.id, to: delegateTo.id, begins: at!, ends: until!, revoked: false });
  });
}

/** Only who delegated takes it back, once. */
export function takeBack(world: World, deed: Deed): Verdict {
  const delegation = world.delegations[deed.on];
  // Delegations are the lab's own: for a partner there are none.
  const gone = absent(deed, deed.by.side === 'lab' ? delegation : null);
  if (gone || !delegation) return refusedAs(...(gone ?? []));
  const grounds: Ground[] = [
    notPermitted(deed),
    ['forbidden', delegation.from !== deed.by.id],
    ['move_not_allowed', delegation.revoked],
  ];
  return judged(world, deed.by.id, grounds, (happening) => {
    happening.world.delegations[deed.on]!.revoked = true;
    happening.tell('approval_delegation.revoked', `delegation ${deed.on}`, true);
  });
}
