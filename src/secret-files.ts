import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Sealer } from './audit/seal.js';
import { Configuration } from './kernel/configuration.js';

/** The secrets of the service: from the environment, else from files that the first start makes (mode 0600). */
export function serviceSecrets(configuration: Configuration): { sealer: Sealer; tokenSecret: Uint8Array } {
  const { data, sealingKey, tokenSecret } = configuration;
  const pem = sealingKey ?? fileOr(data, 'sealing-key.pem', newSealingKey);
  const secret = tokenSecret ?? fileOr(data, 'token-secret', () => randomBytes(32).toString('base64url'));
  return { sealer: Sealer.fromPem(pem), tokenSecret: Buffer.from(secret) };
}

function fileOr(directory: string, name: string, make: () => string): string {
  const path = join(directory, name);
  if (!existsSync(path)) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    try {
      // Exclusive: when two processes start at once, one makes the secret and the other reads it.
      writeFileSync(path, make(), { mode: 0o600, flag: 'wx' });
    } catch (error) {
      if ((error as { code?: string }).code !== 'EEXIST') throw error;
    }
  }
  return readFileSync(path, 'utf8').trim();
}

function newSealingKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
