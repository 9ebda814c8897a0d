import { KeyFacts } from '../standing.js';
import { StandingRow, StopRow } from '../standing-sql.js';
import { SharedValues } from './shared-values.js';

/** What no two secrets have in common. */
const own: ReadonlySet<string> = new Set(['askedBy', 'keyId', 'publicId']);

/** What was read of one secret, and when its reading holds. */
export interface SecretRow extends StandingRow {
  /** When the last version or roster entry of the key began, up to the reading; null where none has. */
  since: Date | null;
  /** When the next one begins, after the reading; null where none is to come. */
  until: Date | null;
}

/** A secret as it is kept. */
export interface KeptSecret {
  readonly row: SecretRow;
  /** The instant as of which it was read. */
  readonly readAt: Date;
  /** What was made of it, and of which stops, so that it is made once. */
  made: { facts: KeyFacts; stops: readonly StopRow[] } | null;
}

/**
 * Whether what was read tells of an instant. Which version and which roster entry count depends on what has begun by
 * then, so a reading holds from the last beginning before it to the next after it.
 */
export function tellsOf({ row, readAt }: KeptSecret, at: Date): boolean {
  if (at < readAt) return row.since === null || at > row.since;
  return row.until === null || at < row.until;
}

/** Every secret by its hash (hex), and which secrets a key has. */
export class KeyTable {
  private readonly secrets = new Map<string, KeptSecret>();
  private readonly hashes = new Map<string, string[]>();
  private readonly values = new SharedValues();

  /** How many keys there are. */
  get size(): number {
    return this.hashes.size;
  }

  get(hash: string): KeptSecret | undefined {
    return this.secrets.get(hash);
  }

  /** The hashes of the secrets of some keys. */
  hashesOf(keyIds: readonly string[]): string[] {
    return keyIds.flatMap((id) => this.hashes.get(id) ?? []);
  }

  /** Forgets some keys with all their secrets. */
  remove(keyIds: readonly string[]): void {
    for (const id of keyIds) {
      // A secret that was given to another key is that one's by now.
      for (const hash of this.hashes.get(id) ?? [])
        if (this.secrets.get(hash)?.row.keyId === id) this.secrets.delete(hash);
      this.hashes.delete(id);
    }
  }

  /** Keeps what was read as of an instant. */
  add(rows: readonly SecretRow[], readAt: Date): void {
    for (const row of rows) {
      if (this.secrets.get(row.askedBy)?.row.keyId !== row.keyId)
        this.hashes.set(row.keyId, [...(this.hashes.get(row.keyId) ?? []), row.askedBy]);
      this.secrets.set(row.askedBy, { row: this.values.share(row, own), readAt, made: null });
    }
  }
}
