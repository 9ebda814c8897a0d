import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock, minute } from '../kernel/clock.js';
import { Refusal } from '../kernel/refusal.js';

const windowLength = 15 * minute;
const attemptsPerAccountMax = 10;
const attemptsPerAddressMax = 100;

/** Limits log-in attempts per account and per address. Kept in the database, so that every node counts alike. */
@Injectable()
export class LoginAttempts {
  constructor(
    private readonly database: DataSource,
    private readonly clock: Clock,
  ) {}

  /** Counts one attempt before it is tried, so that parallel guesses cannot slip through; refuses beyond the limit. */
  async count(email: string, address: string): Promise<void> {
    const now = this.clock.now();
    const since = new Date(now.getTime() - windowLength);
    const rows: { account: number; address: number }[] = await this.database.transaction(async (manager) => {
      // Attempts that nobody has committed yet are not seen, so each waits for those before it: address, then account.
      await manager.query("SELECT pg_advisory_xact_lock(hashtext('log-in from ' || $1))", [address]);
      await manager.query("SELECT pg_advisory_xact_lock(hashtext('log-in of ' || $1))", [email]);
      return manager.query(
        // An attempt that is refused for its number is not counted: patience must let the owner in again.
        `WITH counted AS (
           SELECT count(*) FILTER (WHERE email = $1) AS account, count(*) FILTER (WHERE address = $2) AS address
           FROM login_attempt WHERE at > $4 AND (email = $1 OR address = $2)
         ), attempt AS (
           INSERT INTO login_attempt (email, address, at)
           SELECT $1, $2, $3 FROM counted WHERE account < $5 AND address < $6
         ) SELECT account, address FROM counted`,
        [email, address, now, since, attemptsPerAccountMax, attemptsPerAddressMax],
      );
    });
    const counted = rows[0]!;
    if (counted.account >= attemptsPerAccountMax || counted.address >= attemptsPerAddressMax) {
      throw new Refusal('too_many_attempts', undefined, { retryAfterSeconds: windowLength / 1000 });
    }
  }

  /** Forgets an account's attempts after it logged in. */
  async forgive(email: string): Promise<void> {
    await this.database.query('DELETE FROM login_attempt WHERE email = $1', [email]);
  }

  /** Forgets everybody's attempts that no longer count. */
  async prune(): Promise<void> {
    const since = new Date(this.clock.now().getTime() - windowLength);
    await this.database.query('DELETE FROM login_attempt WHERE at <= $1', [since]);
  }
}
