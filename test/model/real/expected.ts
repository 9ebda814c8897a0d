import { documentOf as nameOf } from '../standing.js';
import { headOf, Text, World } from '../world.js';
import { Facts } from './facts.js';

/** What must stand in the database if the world is as the model has it. */
export function expectedFacts(world: World): Facts {
  const { partner, texts, notices, terminations, suspensions, delegations, told } = world;
  const inForce = partner?.contacts.filter(({ removed }) => !removed) ?? [];
  return {
    partner: partner ? [[partner.state, partner.submittedBy]] : [],
    contacts: inForce.map(({ kind, email }) => [kind, email]),
    ...textFacts(texts),
    notices: notices.map(({ agreement, kind, state, side, deemedAt, acknowledgedAt, cureDays }) => [
      agreement,
      kind,
      state,
      side,
      deemedAt,
      acknowledgedAt,
      cureDays,
    ]),
    terminations: terminations.map(({ agreement, kind, state, by, notice }) => [agreement, kind, state, by, notice]),
    suspensions: suspensions.map(({ scope, agreement, at, liftProposedBy, liftedAt }) => [
      scope,
      agreement,
      at,
      liftProposedBy,
      liftedAt,
    ]),
    delegations: delegations.map(({ stage, from, to, revoked }) => [stage, from, to, revoked]),
    told: told.toSorted(),
  };
}

type TextFacts = Pick<Facts, 'texts' | 'revisions' | 'approvals' | 'signatures' | 'versions'>;

function textFacts(texts: readonly Text[]): TextFacts {
  return {
    texts: texts.map((_, position) => textRow(texts, position)),
    revisions: inOrder(
      texts.flatMap((text, position) =>
        text.revisions.map(({ author, side }, index) => [
          position,
          index + 1,
          documentOf(texts, position, index),
          author,
          side,
        ]),
      ),
    ),
    approvals: inOrder(
      texts.flatMap(({ approvals }, position) =>
        approvals.map(({ round, stage, by, behalf }) => [position, round, stage, by, behalf]),
      ),
    ),
    signatures: inOrder(
      texts.flatMap(({ signatures }, position) =>
        signatures.map(({ round, party, by }) => [position, round, party, by]),
      ),
    ),
    versions: inOrder(
      texts.flatMap(({ versions }, position) =>
        versions.map(({ number, text, from, executedAt }) => [
          position,
          number,
          texts[text]!.kind,
          text,
          from,
          executedAt,
        ]),
      ),
    ),
  };
}

function textRow(texts: readonly Text[], position: number): (string | number | boolean | null)[] {
  const text = texts[position]!;
  const { kind, state, turn, round, revisions, signBy, shown, endedAt, supersedes, base } = text;
  return [
    position,
    kind,
    state,
    turn,
    round,
    revisions.length,
    headOf(text).side,
    signBy,
    shown,
    endedAt,
    supersedes,
    base?.number ?? null,
    base?.from ?? null,
    documentOf(texts, position, revisions.length - 1),
  ];
}

/** A document by the first revision that is it: what says the same has the same digest. */
function documentOf(texts: readonly Text[], position: number, revision: number): string {
  const name = nameOf({ texts: [...texts] }, position, revision);
  const places = texts.flatMap(({ revisions }, at) => revisions.map((_, index) => [at, index] as const));
  return places.find(([at, index]) => nameOf({ texts: [...texts] }, at, index) === name)!.join('.');
}

/** Rows in an order of their own, where the order in which they were made does not matter. */
export function inOrder<T>(rows: readonly T[]): T[] {
  return rows.toSorted((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
}
