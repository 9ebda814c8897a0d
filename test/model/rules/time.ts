import { fixedTerms } from '../content.js';
import { Deed } from '../deed.js';
import { cureBy, expiryOf, versionAt } from '../standing.js';
import { Happening, judged, Verdict } from '../verdict.js';
import { day, Text, thingOf, World } from '../world.js';

/** Something that time alone brings about. */
export interface Boundary {
  event: string;
  subject: string;
  at: number;
  /** For a text whose time for signing runs out: its position. */
  lapses?: number;
}

/** How many days before its end an agreement is brought to mind. */
const reminderDays = [90, 30, 7];

/** The clock moves, and nothing else does. */
export function advance(world: World, { at, by }: Deed): Verdict {
  return judged(world, by.id, [], (happening) => {
    happening.world.now += at!;
  });
}

/** Every boundary reached that was not told is told, once; texts that were not signed in time lapse. */
export function sweep(world: World, _deed: Deed): Verdict {
  return judged(world, 'system', [], (happening) => {
    for (const boundary of boundariesOf(world).filter(({ at }) => at <= world.now)) tell(happening, boundary);
  });
}

function tell(happening: Happening, { event, subject, at, lapses }: Boundary): void {
  const key = `${event} of ${subject} at ${at}`;
  if (happening.world.told.includes(key)) return;
  happening.world.told.push(key);
  if (lapses === undefined) happening.tell(event, subject);
  else happening.move(lapses, ['lapse', 'lapsed', 'lapsed']);
}

/** Everything that time brings about as things stand, past and future. */
export function boundariesOf(world: World): Boundary[] {
  const ofAgreements = world.texts.flatMap((text, position) =>
    text.versions.length > 0 ? boundariesOfAgreement(text, position) : [],
  );
  const lapsing = world.texts.flatMap((text, lapses) => {
    if (text.signBy === null) return [];
    return [{ event: `${thingOf(text)}.lapsed`, subject: `${thingOf(text)} ${lapses}`, at: text.signBy, lapses }];
  });
  return [...ofAgreements, ...lapsing, ...boundariesOfNotices(world), ...boundariesOfStops(world)];
}

function boundariesOfAgreement(text: Text, position: number): Boundary[] {
  const subject = `agreement ${position}`;
  const expiry = expiryOf(text);
  const end = Math.min(text.endedAt ?? Infinity, expiry);
  const begun = text.versions.map(({ number, from }) => {
    const event = number === 1 ? 'agreement.entered_into_force' : 'amendment.took_effect';
    return { event, subject, at: from };
  });
  const reminders = reminderDays
    .map((days) => ({ event: 'agreement.expiry_near', subject, at: expiry - days * day }))
    .filter(({ at }) => at >= text.versions[0]!.from);
  const before = [...begun, ...reminders].filter(({ at }) => at < end);
  return end === expiry ? [...before, { event: 'agreement.expired', subject, at: expiry }] : before;
}

function boundariesOfNotices({ notices }: World): Boundary[] {
  return notices.flatMap((notice, position) => {
    const subject = `notice ${position}`;
    const { acknowledgedAt, settledAt, kind, deemedAt } = notice;
    const receipt = { event: 'notice.deemed_received', subject, at: deemedAt };
    const lapse = { event: 'notice.cure_lapsed', subject, at: cureBy(notice) };
    const reached = [
      ...((acknowledgedAt ?? Infinity) > deemedAt ? [receipt] : []),
      ...(kind === 'breach' ? [lapse] : []),
    ];
    return reached.filter(({ at }) => at < (settledAt ?? Infinity));
  });
}

/** A stop within an agreement may stay undecided for the days that its terms name. */
function boundariesOfStops({ suspensions, texts }: World): Boundary[] {
  return suspensions.flatMap(({ agreement, at, liftedAt }, position) => {
    if (liftedAt !== null || agreement === null || versionAt(texts[agreement]!, at) === null) return [];
    const subject = `suspension ${position}`;
    return [{ event: 'suspension.undecided', subject, at: at + fixedTerms.undecidedDays * day }];
  });
}
