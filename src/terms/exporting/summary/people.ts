import type { KeyTerms, Networks, RosterTerms, Terms } from '../../terms.js';
import { sentencesOf, type Sentence } from './sentence.js';
import { counted, grouped, listed, purposeLabel } from './words.js';

/** From where, by whom, and with which keys the models may be used. */
export function peopleSentences({ networks, roster, keys }: Terms): Sentence[] {
  return [
    ...sentencesOf(networks, [networksText(networks)]),
    ...sentencesOf(roster, [rosterText(roster)]),
    ...sentencesOf(roster.cleanTeam, [cleanTeamText(roster)]),
    ...sentencesOf(keys, [
      `At most ${counted(keys.maxActiveTotal, 'key')} may be active at once, and at most ` +
        `${grouped(keys.maxActivePerResearcher)} for one researcher.`,
      lifeText(keys),
      approvalText(keys),
    ]),
  ];
}

function networksText({ cidrs }: Networks): string {
  if (cidrs === 'any') return 'Requests may come from any network.';
  return cidrs.length === 0 ? 'Requests may come from no network.' : `Requests may come only from ${listed(cidrs)}.`;
}

function rosterText({ maxResearchers, emailDomains }: RosterTerms): string {
  const most = `At most ${counted(maxResearchers, 'researcher')} of the evaluator may take part`;
  if (emailDomains.length === 0) return `${most}. No e-mail domain is named, so no address is accepted.`;
  return `${most}, with e-mail addresses at ${listed(emailDomains, 'or')}.`;
}

function cleanTeamText({ cleanTeam: { required, coolingOffDays } }: RosterTerms): string {
  const apart = 'kept apart from their lab’s own model training and products';
  if (!required) return `Researchers need not be ${apart}.`;
  return `Researchers must be ${apart}, with a cooling-off period of ${counted(coolingOffDays, 'day')}.`;
}

function lifeText({ maxLifetimeDays, rotationDays, idleRevokeDays }: KeyTerms): string {
  const rotated = rotationDays === 1 ? 'every day' : `every ${counted(rotationDays, 'day')}`;
  const life = `A key lives at most ${counted(maxLifetimeDays, 'day')}, is rotated ${rotated}`;
  return `${life} and is revoked after ${counted(idleRevokeDays, 'day')} without use.`;
}

function approvalText({ autoApprove }: KeyTerms): string {
  if (autoApprove === null || autoApprove.purposes.length === 0) return 'A person approves every request for a key.';
  const purposes = listed(autoApprove.purposes.map(purposeLabel), 'or');
  const which = `for at most ${counted(autoApprove.maxLifetimeDays, 'day')} and for ${purposes}`;
  return `A request for a key ${which} needs nobody’s approval; a person approves every other.`;
}
