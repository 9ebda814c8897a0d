import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { Pool, PoolConfig } from 'pg';

/** Where the peer keeps its keys: rows alone, memory alone, or memory before rows. */
export type PeerMode = 'database' | 'secondary' | 'secondary-with-rows';

/** What makes a peer. */
export interface PeerSettings {
  /** The module that `installPeer` told. */
  module: string;
  databaseUrl: string;
  mode: PeerMode;
  pooled: number;
  /** How long its store in memory takes for each call, in milliseconds; 0 is a store that answers at once. */
  delay?: number;
  /** A limit that its keys keep to beside their uses: so many in a minute. None unless it says so. */
  perMinute?: number;
}

/** What the peer answers to a verification. */
export interface Verified {
  valid: boolean;
  error: { code: string; message: string } | null;
  key: { id: string; remaining: number | null } | null;
}

/** A key of the peer. */
export interface PeerKey {
  id: string;
  key: string;
}

interface PeerApi {
  createApiKey: (what: { body: object }) => Promise<PeerKey>;
  verifyApiKey: (what: { body: object }) => Promise<Verified>;
  updateApiKey: (what: { body: object }) => Promise<unknown>;
}

interface PeerModule {
  betterAuth: (options: object) => {
    api: PeerApi;
    $context: Promise<{ internalAdapter: { createUser: (user: object) => Promise<{ id: string }> } }>;
  };
  apiKey: (options: object) => object;
  getMigrations: (options: object) => Promise<{ runMigrations: () => Promise<void> }>;
  pg: { Pool: new (config: PoolConfig) => Pool };
}

/** The model that the keys of the peer may use, and one that they may not. */
export const allowedModel = { model: ['conversation'] };
export const otherModel = { model: ['unreleased'] };

/** Better Auth with its plugin for API keys, as its makers would have it for speed: no rate limit, no log. */
export class Peer {
  private made = 0;

  private constructor(
    private readonly auth: ReturnType<PeerModule['betterAuth']>,
    private readonly pool: Pool,
    private readonly perMinute: number | undefined,
  ) {}

  static async open({ module, databaseUrl, mode, pooled, delay = 0, perMinute }: PeerSettings): Promise<Peer> {
    const { betterAuth, apiKey, getMigrations, pg } = (await import(pathToFileURL(module).href)) as PeerModule;
    const pool = new pg.Pool({ connectionString: databaseUrl, max: pooled });
    const storage = mode === 'database' ? 'database' : 'secondary-storage';
    const rateLimit = { enabled: perMinute !== undefined, timeWindow: 60_000, maxRequests: perMinute };
    const keys = { defaultPrefix: 'ba_', rateLimit, storage };
    const options = {
      baseURL: 'http://localhost:3000',
      secret: 'a secret that only this comparison uses, as nothing is at stake',
      database: pool,
      logger: { disabled: true },
      telemetry: { enabled: false },
      plugins: [apiKey({ ...keys, fallbackToDatabase: mode === 'secondary-with-rows' })],
      ...(mode !== 'database' && { secondaryStorage: storeInMemory(delay) }),
    };
    const auth = betterAuth(options);
    await (await getMigrations(options)).runMigrations();
    return new Peer(auth, pool, perMinute);
  }

  /** A key of a user of its own, so that no list of a user's keys grows long. */
  async issue(remaining = 1_000_000_000): Promise<PeerKey> {
    this.made += 1;
    const { internalAdapter } = await this.auth.$context;
    const email = `${process.pid}-${this.made}-${Date.now()}@peer.example`;
    const user = await internalAdapter.createUser({ email, name: 'bench', emailVerified: true });
    const what = { userId: user.id, name: 'bench', remaining, permissions: allowedModel };
    const limit = { rateLimitEnabled: this.perMinute !== undefined };
    const { id, key } = await this.auth.api.createApiKey({ body: { ...what, ...limit } });
    return { id, key };
  }

  verify(key: string, permissions: object = allowedModel): Promise<Verified> {
    return this.auth.api.verifyApiKey({ body: { key, permissions } });
  }

  /** How many uses a key has left, as its row says. */
  async remaining(id: string): Promise<number> {
    const { rows } = await this.pool.query<{ remaining: number }>('SELECT remaining FROM apikey WHERE id = $1', [id]);
    return rows[0]!.remaining;
  }

  /** Takes a key back. */
  async revoke(id: string): Promise<void> {
    const { rows } = await this.pool.query<{ userId: string }>(
      'SELECT "referenceId" AS "userId" FROM apikey WHERE id = $1',
      [id],
    );
    await this.auth.api.updateApiKey({ body: { keyId: id, userId: rows[0]?.userId, enabled: false } });
  }

  close(): Promise<void> {
    return this.pool.end();
  }
}

/** The peer's own idea of a store: get, set and delete of texts. */
function storeInMemory(delay: number) {
  const texts = new Map<string, string>();
  const wait = () => (delay > 0 ? setTimeout(delay) : undefined);
  return {
    get: async (name: string) => (await wait(), texts.get(name) ?? null),
    set: async (name: string, text: string) => (await wait(), void texts.set(name, text)),
    delete: async (name: string) => (await wait(), void texts.delete(name)),
  };
}
