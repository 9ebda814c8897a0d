import { readScanningKeys } from './scanning-keys.js';
import { databaseUrl, oneOf, postgresUrl, roleMap, url, wholeNumber } from './setting-readers.js';

/** One setting: its variable, what it means, its default as text, and how its text is read. */
interface Setting<T> {
  readonly variable: string;
  readonly meaning: string;
  readonly expected: string;
  readonly fallback: string | null;
  /** Whether its value must not be shown. */
  readonly secret?: boolean;
  /** The value, or null when the text is not what was expected. */
  readonly read: (text: string) => T | null;
  /** Everything that is wrong with a text that cannot be read; without it, that the whole is not what was expected. */
  readonly mistakes?: (text: string) => string[];
}

function setting<T>(definition: Setting<T>): Setting<T> {
  return definition;
}

/** Every setting of Parley. The table in `docs/reference/configuration.md` is written from this list. */
export const settings = {
  databaseUrl: setting({
    variable: 'DATABASE_URL',
    meaning:
      'The PostgreSQL (14 or later) to use, as a role that may create tables. Without it, an embedded one in `PARLEY_DATA`.',
    expected: postgresUrl,
    fallback: null,
    secret: true,
    read: databaseUrl,
  }),
  databaseAppUrl: setting({
    variable: 'PARLEY_DATABASE_APP_URL',
    meaning:
      'A second log-in to the same database for everything but migrations; a member of the role `parley_app`. Without it, `DATABASE_URL` with its role set to `parley_app`.',
    expected: postgresUrl,
    fallback: null,
    secret: true,
    read: databaseUrl,
  }),
  databasePoolMax: setting({
    variable: 'PARLEY_DATABASE_POOL_MAX',
    meaning: 'Connections to the database per process, at most.',
    expected: 'a whole number from 2 to 200',
    fallback: '10',
    read: wholeNumber(2, 200),
  }),
  data: setting({
    variable: 'PARLEY_DATA',
    meaning: 'The directory of the embedded database and of generated secrets.',
    expected: 'a path',
    fallback: './.parley',
    read: (text) => text,
  }),
  role: setting({
    variable: 'PARLEY_ROLE',
    meaning: 'What this process serves: the REST API, the gateway listener, background work, or all.',
    expected: 'one of: api, gateway, worker, all',
    fallback: 'all',
    read: oneOf('api', 'gateway', 'worker', 'all'),
  }),
  host: setting({
    variable: 'PARLEY_HOST',
    meaning: 'The address to listen on.',
    expected: 'a host name or address',
    fallback: '127.0.0.1',
    read: (text) => text,
  }),
  port: setting({
    variable: 'PARLEY_PORT',
    meaning: 'The port of the REST API; 0 takes a free one.',
    expected: 'a whole number from 0 to 65535',
    fallback: '3000',
    read: wholeNumber(0, 65_535),
  }),
  gatewayPort: setting({
    variable: 'PARLEY_GATEWAY_PORT',
    meaning: 'The port of the gateway listener; 0 takes a free one.',
    expected: 'a whole number from 0 to 65535',
    fallback: '3001',
    read: wholeNumber(0, 65_535),
  }),
  admission: setting({
    variable: 'PARLEY_ADMISSION',
    meaning:
      'How a busy gateway decides: from memory within what the database lent it, or by asking the database each time.',
    expected: 'one of: leased, exact',
    fallback: 'leased',
    read: oneOf('leased', 'exact'),
  }),
  trustedProxies: setting({
    variable: 'PARLEY_TRUSTED_PROXIES',
    meaning: 'How many proxies stand in front and append to X-Forwarded-For; 0 believes the socket alone.',
    expected: 'a whole number from 0 to 10',
    fallback: '0',
    read: wholeNumber(0, 10),
  }),
  labName: setting({
    variable: 'PARLEY_LAB_NAME',
    meaning: "The lab's legal name, as the provider in agreements.",
    expected: 'a name',
    fallback: 'The Lab',
    read: (text) => text,
  }),
  logLevel: setting({
    variable: 'PARLEY_LOG_LEVEL',
    meaning: 'How much to log.',
    expected: 'one of: fatal, error, warn, info, debug, silent',
    fallback: 'info',
    read: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'silent'),
  }),
  tokenSecret: setting({
    variable: 'PARLEY_TOKEN_SECRET',
    meaning:
      'Signs access tokens and authorizations (HS256). Without it, a file in `PARLEY_DATA`; several nodes must share one.',
    expected: 'at least 32 characters',
    fallback: null,
    secret: true,
    read: (text) => (text.length >= 32 ? text : null),
  }),
  sealingKey: setting({
    variable: 'PARLEY_SEALING_KEY',
    meaning: 'The Ed25519 key that seals evidence and statements. Without it, a file in `PARLEY_DATA`.',
    expected: 'a PKCS #8 PEM, its line ends written as \\n if need be',
    fallback: null,
    secret: true,
    read: (text) => (text.includes('PRIVATE KEY') ? text.replaceAll('\\n', '\n') : null),
  }),
  oidcIssuer: setting({
    variable: 'PARLEY_OIDC_ISSUER',
    meaning: 'An OpenID Connect issuer whose access tokens staff may use instead of a password.',
    expected: 'an https URL',
    fallback: null,
    read: url('https:', 'http:'),
  }),
  oidcJwksUrl: setting({
    variable: 'PARLEY_OIDC_JWKS_URL',
    meaning: 'Where that issuer publishes its keys.',
    expected: 'an https URL',
    fallback: null,
    read: url('https:', 'http:'),
  }),
  oidcAudience: setting({
    variable: 'PARLEY_OIDC_AUDIENCE',
    meaning: 'The audience that its tokens must name.',
    expected: 'a text',
    fallback: 'parley',
    read: (text) => text,
  }),
  oidcRoleClaim: setting({
    variable: 'PARLEY_OIDC_ROLE_CLAIM',
    meaning: 'The claim that lists a person’s groups.',
    expected: 'the name of a claim',
    fallback: 'groups',
    read: (text) => text,
  }),
  oidcRoles: setting({
    variable: 'PARLEY_OIDC_ROLES',
    meaning: 'Which group gives which lab role.',
    expected: 'a JSON object from groups to lab roles such as {"eval-partnerships":"partnerships"}',
    fallback: '{}',
    read: roleMap,
  }),
  secretScanningKeys: setting({
    variable: 'PARLEY_SECRET_SCANNING_KEYS',
    meaning:
      'The keys with which GitHub signs reports of leaked keys, as `https://api.github.com/meta/public_keys/secret_scanning` lists them. Without it, such reports are not taken.',
    expected: 'the JSON of that list, or the path of a file that holds it, with EC keys on P-256',
    fallback: null,
    read: (text) => {
      const keys = readScanningKeys(text);
      return 'mistakes' in keys ? null : keys;
    },
    mistakes: (text) => {
      const keys = readScanningKeys(text);
      return 'mistakes' in keys ? keys.mistakes : [];
    },
  }),
};

type Settings = typeof settings;
type Value<S> = S extends Setting<infer T> ? T : never;
/** A setting is null only where it has no fallback. */
export type Configuration = { [Name in keyof Settings]: Value<Settings[Name]> | OrNull<Name> };
type Optional =
  'databaseUrl' | 'databaseAppUrl' | 'tokenSecret' | 'sealingKey' | 'oidcIssuer' | 'oidcJwksUrl' | 'secretScanningKeys';
type OrNull<Name> = Name extends Optional ? null : never;

/** The configuration as a token that Nest injects. */
export abstract class Config {
  abstract readonly values: Configuration;
}

/** A configuration that cannot be used; its message lists every mistake, one a line. */
export class ConfigurationError extends Error {}

/** Reads all settings and reports every mistake at once, each with its variable and what was expected. */
export function readConfiguration(environment: NodeJS.ProcessEnv): Configuration {
  const mistakes: string[] = [];
  const values = Object.entries<Setting<unknown>>(settings).map(([name, definition]) => {
    const text = environment[definition.variable] || definition.fallback;
    const value = text === null ? null : definition.read(text);
    if (text !== null && value === null) mistakes.push(...mistakesOf(definition, text));
    return [name, value];
  });
  const configuration = Object.fromEntries(values) as Configuration;
  if ((configuration.oidcIssuer === null) !== (configuration.oidcJwksUrl === null)) {
    mistakes.push('PARLEY_OIDC_ISSUER and PARLEY_OIDC_JWKS_URL: expected both or neither.');
  }
  if (configuration.databaseAppUrl && !configuration.databaseUrl) {
    mistakes.push('PARLEY_DATABASE_APP_URL: expected DATABASE_URL beside it, which migrates the same database.');
  }
  if (mistakes.length > 0) throw new ConfigurationError(mistakes.join('\n'));
  return configuration;
}

/** What is wrong with the text of a setting, one line a mistake. */
function mistakesOf({ variable, expected, secret = false, mistakes }: Setting<unknown>, text: string): string[] {
  const all = mistakes ? mistakes(text) : [`${secret ? 'its value' : `"${text}"`} is not`];
  return all.map((mistake) => `${variable}: expected ${expected}, but ${mistake}.`);
}
