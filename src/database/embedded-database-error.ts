/** Why the embedded database cannot run. Its message says what is wrong and how to mend it; print it without a stack. */
export class EmbeddedDatabaseError extends Error {
  override readonly name = 'EmbeddedDatabaseError';
}

/** The way out that every refusal can offer. */
export const OWN_SERVER_HINT = 'set DATABASE_URL to a PostgreSQL server of your own';

/** Another Parley that lives uses the directory. */
export class DirectoryHeldError extends EmbeddedDatabaseError {}
