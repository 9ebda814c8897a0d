import { fixedTerms } from './content.js';
import { day, hour, Notice, Text, Version, World } from './world.js';

/** The version that holds at an instant: the newest that has begun. */
export function versionAt({ versions }: Text, at: number): Version | null {
  return versions.findLast(({ from }) => from <= at) ?? null;
}

/** What follows for an agreement from the facts at an instant. */
export function statusOf(world: World, position: number, at: number): string {
  const { versions, endedAt, state } = world.texts[position]!;
  if (versions.length === 0) return 'not_executed';
  if (endedAt !== null && endedAt <= at) return state;
  const version = versionAt(world.texts[position]!, at);
  if (version === null) return 'pending';
  if (at >= version.content.until) return 'expired';
  const stopped = stopsOf(world, position, at).some(({ scope }) => scope === 'organisation' || scope === 'agreement');
  return stopped ? 'suspended' : 'in_force';
}

/** The stops in force at an instant that touch an agreement. */
export function stopsOf({ suspensions }: World, position: number, at: number) {
  return suspensions.filter(
    (stop) =>
      (stop.agreement === null || stop.agreement === position) &&
      stop.at <= at &&
      (stop.liftedAt === null || stop.liftedAt > at),
  );
}

/** The version that new work goes by: the one that holds, or the first before it begins; null where none can. */
export function current(text: Text | undefined, at: number): Version | null {
  if (!text || text.versions.length === 0) return null;
  if (text.endedAt !== null && text.endedAt <= at) return null;
  const version = versionAt(text, at) ?? text.versions[0]!;
  return at < version.content.until ? version : null;
}

/** When an agreement ends of itself: the first instant at which the version that holds has run out. */
export function expiryOf({ versions }: Text): number {
  for (const [index, version] of versions.entries()) {
    const next = versions[index + 1]?.from ?? Infinity;
    const end = Math.max(version.from, version.content.until);
    if (end < next) return end;
  }
  return Infinity;
}

/** When a notice was or will be received. */
export function receivedAt(notice: Notice): number {
  return Math.min(notice.acknowledgedAt ?? Infinity, notice.deemedAt);
}

/** When a notice served at an instant is deemed received. */
export function deemedAt(servedAt: number): number {
  return servedAt + fixedTerms.deemedHours * hour;
}

/** The end of the cure of a breach, not included. */
export function cureBy(notice: Notice): number {
  return receivedAt(notice) + (notice.cureDays ?? 0) * day;
}

/** From when a notice of termination carries one for convenience. */
export function convenientFrom(notice: Notice): number {
  return receivedAt(notice) + fixedTerms.convenienceDays * day;
}

/** Whether a notice is of a breach that is neither cured nor withdrawn. */
export function isOpenBreach({ kind, state }: Notice): boolean {
  return kind === 'breach' && state !== 'cured' && state !== 'withdrawn';
}

/** Whether the lab has served a notice of a breach under an agreement that is neither cured nor withdrawn. */
export function breachIsOpen({ notices }: World, agreement: number): boolean {
  return notices.some((notice) => notice.agreement === agreement && notice.side === 'lab' && isOpenBreach(notice));
}

/**
 * A revision by all that its document says: two amendments that would make the same version alike are one document,
 * whatever they are called.
 */
export function documentOf({ texts }: Pick<World, 'texts'>, position: number, revision: number): string | null {
  const text = texts[position];
  const content = text?.revisions[revision]?.content;
  return content ? JSON.stringify([text.of, text.base, content]) : null;
}
