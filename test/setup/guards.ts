import { randomUUID } from 'node:crypto';
import { Client, DatabaseError } from 'pg';

/** Columns of a row and what they are to hold; the others are as in the first row of the table. */
export type Columns = Record<string, unknown>;

/** An agreement or amendment made for one test, with the statements that make it. */
export interface Paper {
  readonly id: string;
  readonly agreementId: string;
  readonly digest: string;
  readonly statements: readonly string[];
}

/** An audit entry, as little of one as the table takes, so that only the guard under test can refuse. */
export const entry = `INSERT INTO audit_entry (id, log, at, actor_kind, actor_id, actor_name, action, subject_kind,
  subject_id, canonical, leaf_hash, transaction) SELECT gen_random_uuid(), log, at, actor_kind, actor_id, actor_name,
  action, subject_kind, subject_id, canonical, leaf_hash, transaction FROM audit_entry LIMIT 1`;

/**
 * Statements as one transaction with an audit entry: 'committed', the name of the constraint that refused, or the
 * SQLSTATE where nothing is named. Fails where a statement touches no row.
 */
export async function attemptAs(client: Client, ...statements: string[]): Promise<string> {
  await client.query('BEGIN');
  try {
    for (const statement of [...statements, entry]) {
      const { rowCount } = await client.query(statement);
      if (rowCount === 0) throw new Error(`It touches no row: ${statement}`);
    }
    await client.query('COMMIT');
    return 'committed';
  } catch (error) {
    await client.query('ROLLBACK');
    if (!(error instanceof DatabaseError)) throw error;
    return error.constraint ?? error.code!;
  }
}

/** A fresh id that sorts after those that the program gives. */
export function lateId(): string {
  return `f${randomUUID().slice(1)}`;
}

/** A statement that adds a row: a copy of the table's first one, but for an id of its own and these columns. */
export function insert(table: string, columns: Columns): string {
  const json = JSON.stringify({ id: lateId(), ...columns }).replaceAll("'", "''");
  return `INSERT INTO ${table} SELECT (jsonb_populate_record(r, '${json}')).* FROM ${table} r ORDER BY r.id LIMIT 1`;
}

/** An agreement with a first revision, by default accepted and not yet approved. */
export function agreement(columns: Columns = {}, author = 'petra'): Paper {
  const id = lateId();
  return paper('agreement', id, { id, supersedes_id: null, ended_at: null, ...columns }, author);
}

/** An amendment of an agreement with a first revision, by default accepted and not yet approved. */
export function amendment(of: Paper, columns: Columns = {}): Paper {
  const id = lateId();
  const made = paper('amendment', of.agreementId, { id, agreement_id: of.agreementId, ...columns }, 'petra');
  return { ...made, statements: [...of.statements, ...made.statements] };
}

function paper(table: string, agreementId: string, columns: Columns & { id: string }, author: string): Paper {
  const { id } = columns;
  const digest = digestOf(id);
  const head = { head_number: 1, head_digest: digest, head_side: 'lab', turn: null, sign_by: null };
  const statements = [
    insert(table, { state: 'in_approval', round: 1, proposed_number: 1, version: 1, ...head, ...columns }),
    revision({ id, agreementId, digest, statements: [] }, { author_id: author }),
  ];
  return { id, agreementId, digest, statements };
}

/** A digest made of an id, and as unlike every other. */
export function digestOf(id: string): string {
  return `sha-256:${id.replaceAll('-', '').repeat(2)}`;
}

const of = ({ id, agreementId }: Paper) => ({ agreement_id: agreementId, text_id: id });

export function revision(text: Paper, columns: Columns = {}): string {
  return insert('agreement_revision', { ...of(text), number: 1, digest: text.digest, ...columns });
}

/** An approval of the first round by `lee`, who wrote nothing. */
export function approval(text: Paper, columns: Columns = {}): string {
  const own = { round: 1, digest: text.digest, stage: 'approver', approver_id: 'lee' };
  return insert('agreement_approval', { ...of(text), ...own, on_behalf_of: null, delegation_id: null, ...columns });
}

export function signature(text: Paper, party: 'evaluator' | 'provider', columns: Columns = {}): string {
  return insert('agreement_signature', { ...of(text), round: 1, digest: text.digest, party, ...columns });
}

/** A version that holds from its execution. */
export function version(text: Paper, columns: Columns = {}): string {
  const at = '2026-03-10T00:00:00Z';
  const own = { round: 1, digest: text.digest, number: 1, kind: 'original', executed_at: at, effective_from: at };
  return insert('agreement_version', { ...of(text), ...own, ...columns });
}

/** All that an original or material version needs before it. */
export function evidence(text: Paper): string[] {
  return [approval(text), signature(text, 'evaluator'), signature(text, 'provider')];
}
