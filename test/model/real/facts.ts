import { Entry, Moved } from '../verdict.js';
import { factsSql, promisesSql } from './facts-sql.js';
import { inOrder } from './expected.js';
import { System } from './system.js';

type Row = (string | number | boolean | null)[];

/** What stands in the database, with positions in the place of ids and instants counted from the run's beginning. */
export interface Facts {
  partner: Row[];
  contacts: Row[];
  texts: Row[];
  revisions: Row[];
  approvals: Row[];
  signatures: Row[];
  versions: Row[];
  notices: Row[];
  terminations: Row[];
  suspensions: Row[];
  delegations: Row[];
  told: string[];
}

/** What the last command left behind. */
export interface Left {
  entries: Entry[];
  moves: Moved[];
}

type Raw = Record<keyof Facts | 'entries' | 'moves', Row[]>;

/** Reads what stands and what was added since the last look. */
export async function lookAt(system: System): Promise<{ facts: Facts; left: Left }> {
  const log = `organisation:${system.organisationId}`;
  const values = [system.organisationId, log, system.seen.entry, system.seen.move];
  const { rows } = await system.owner.query<Raw>({ name: 'facts', text: factsSql, values });
  const raw = rows[0]!;
  system.seen.entry = String(raw.entries.at(-1)?.at(-1) ?? system.seen.entry);
  system.seen.move = String(raw.moves.at(-1)?.at(-1) ?? system.seen.move);
  const names = namesOf(system);
  system.digests = system.made.texts.map(({ id }) =>
    raw.revisions.flatMap((row) => (row[0] === id ? String(row[2]) : [])),
  );
  return { facts: factsOf(raw, system, names), left: leftOf(raw, names) };
}

/** The promises that are broken, each with what breaks it; none as it should be. */
export async function brokenPromises(system: System): Promise<{ promise: string; id: string }[]> {
  const values = [system.organisationId, `organisation:${system.organisationId}`];
  const { rows } = await system.owner.query<{ promise: string; id: string }>({
    name: 'promises',
    text: promisesSql,
    values,
  });
  return rows;
}

/** What the model calls each thing that the run has made. */
function namesOf({ made, organisationId }: System): Map<string, string> {
  const numbered = (kind: string, ids: readonly string[]) =>
    ids.map((id, position) => [id, `${kind} ${position}`] as const);
  return new Map([
    [organisationId, 'partner'],
    ...made.texts.map(({ id, thing }, position) => [id, `${thing} ${position}`] as const),
    ...numbered('notice', made.notices),
    ...numbered('termination', made.terminations),
    ...numbered('suspension', made.suspensions),
    ...numbered('delegation', made.delegations),
  ]);
}

function positionOf(names: Map<string, string>, id: unknown): number | null {
  return id === null
    ? null
    : Number(
        names
          .get(id as string)
          ?.split(' ')
          .at(1) ?? Number.NaN,
      );
}

/** Which columns hold ids, and which instants. */
const shapes: Record<Exclude<keyof Facts, 'told'>, { ids?: number[]; instants?: number[]; digest?: number }> = {
  partner: {},
  contacts: {},
  texts: { ids: [0, 10], instants: [7, 9, 12], digest: 13 },
  revisions: { ids: [0], digest: 2 },
  approvals: { ids: [0] },
  signatures: { ids: [0] },
  versions: { ids: [0, 3], instants: [4, 5] },
  notices: { ids: [0], instants: [4, 5] },
  terminations: { ids: [0, 4] },
  suspensions: { ids: [1], instants: [2, 4] },
  delegations: {},
};

/** What belongs to texts and is compared as a whole, whichever text came first. */
const unordered = ['revisions', 'approvals', 'signatures', 'versions'];

function factsOf(raw: Raw, system: System, names: Map<string, string>): Facts {
  const documents = documentsOf(system);
  const shaped = Object.entries(shapes).map(([name, { ids = [], instants = [], digest }]) => {
    const rows = raw[name as keyof Facts].map((row) =>
      row.map((value, column) => {
        if (ids.includes(column)) return positionOf(names, value);
        if (column === digest) return documents.get(String(value)) ?? null;
        return instants.includes(column) && value !== null ? system.sinceBegin(Number(value)) : value;
      }),
    );
    return [name, unordered.includes(name) ? inOrder(rows) : rows];
  });
  const told = raw.told.map(
    ([event, id, at]) => `${event} of ${names.get(String(id))} at ${system.sinceBegin(Number(at))}`,
  );
  return { ...Object.fromEntries(shaped), told: told.toSorted() } as Facts;
}

/** Each digest by the first revision that has it. */
function documentsOf({ digests }: System): Map<string, string> {
  const labelled = digests.flatMap((ofText, position) =>
    ofText.map((digest, index) => [digest, `${position}.${index}`] as const),
  );
  return new Map(labelled.toReversed());
}

function leftOf({ entries, moves }: Raw, names: Map<string, string>): Left {
  return {
    entries: entries.map(([event, subject, log, by]) => ({
      event: String(event),
      subject: names.get(String(subject)) ?? String(subject),
      internal: log === 'internal',
      by: String(by),
    })),
    moves: moves.map(([text, command, from, to, shown]) => ({
      text: positionOf(names, text)!,
      command: String(command),
      from: from as string | null,
      to: String(to),
      shown: Boolean(shown),
    })),
  };
}
