import { day } from '../../kernel/clock.js';
import { Refusal } from '../../kernel/refusal.js';
import { Terms } from '../../terms/terms.js';
import type { NegotiatingSide } from '../negotiation/negotiated-text.js';
import { Notice } from '../notices/notice.entity.js';
import { TerminationKind } from './termination.entity.js';

/** What a termination stands on. */
interface Grounds {
  kind: TerminationKind;
  side: NegotiatingSide;
  terms: Terms;
  notice: Notice | null;
}

/**
 * Refuses a termination whose legal kind does not hold at an instant: for cause, a breach of which the same party gave
 * notice and whose cure has lapsed or cannot be; for convenience, that party's notice and the days of the terms.
 */
export function assertMayTerminate({ kind, side, terms, notice }: Grounds, at: Date): void {
  if (kind === 'mutual') return assertNone(notice);
  if (notice === null || notice.servedSide !== side) throw noNotice(kind);
  if (kind === 'for_cause') return assertCause(terms, notice, at);
  if (notice.kind !== 'termination' || notice.state === 'withdrawn') throw noNotice(kind);
  const from = new Date(notice.receivedAt.getTime() + terms.termination.convenienceNoticeDays * day);
  if (from > at) throw tooEarly('The days of notice have not passed.', from);
}

function assertNone(notice: Notice | null): void {
  if (notice === null) return;
  const detail = 'Where both parties agree, no notice goes before.';
  throw new Refusal('invalid_request', detail, { pointer: '/noticeId', expected: 'nothing' });
}

function assertCause({ termination }: Terms, notice: Notice, at: Date): void {
  if (!termination.forCause) {
    throw new Refusal('outside_agreement', `Clause ${termination.clauseRef} does not permit termination for cause.`);
  }
  if (!notice.isOpenBreach) throw noNotice('for_cause');
  if (!notice.cureHasLapsed(at)) throw tooEarly('The breach can still be cured.', notice.cureBy!);
}

function noNotice(kind: TerminationKind): Refusal {
  const what = kind === 'for_cause' ? 'breach, not cured' : 'termination';
  const expected = `a notice of ${what}, served by your party and not withdrawn`;
  return new Refusal('invalid_request', 'No notice carries this termination.', { pointer: '/noticeId', expected });
}

function tooEarly(detail: string, from: Date): Refusal {
  return new Refusal('too_early', `${detail} It can be terminated from ${from.toISOString()} on.`);
}
