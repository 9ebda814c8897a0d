import { describe, expect, it } from 'vitest';
import { ConfigurationError, readConfiguration, settings } from '../../src/kernel/configuration.js';

/** The mistakes that an environment is refused with, one a line. */
function mistakesOf(environment: NodeJS.ProcessEnv): string[] {
  try {
    readConfiguration(environment);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('the configuration', () => {
  it('needs no variable at all', () => {
    expect(readConfiguration({})).toEqual({
      databaseUrl: null,
      databaseAppUrl: null,
      databasePoolMax: 10,
      data: './.parley',
      role: 'all',
      host: '127.0.0.1',
      port: 3000,
      gatewayPort: 3001,
      admission: 'leased',
      trustedProxies: 0,
      labName: 'The Lab',
      logLevel: 'info',
      tokenSecret: null,
      sealingKey: null,
      oidcIssuer: null,
      oidcJwksUrl: null,
      oidcAudience: 'parley',
      oidcRoleClaim: 'groups',
      oidcRoles: {},
      secretScanningKeys: null,
    });
  });

  it('takes an empty variable for an absent one', () => {
    const empty = Object.fromEntries(Object.values(settings).map(({ variable }) => [variable, '']));
    expect(readConfiguration(empty)).toEqual(readConfiguration({}));
  });

  it('has a default for every setting that its own rules accept', () => {
    for (const { fallback, read, variable } of Object.values(settings)) {
      if (fallback !== null) expect(read(fallback), variable).not.toBeNull();
    }
  });

  it('tells every mistake at once, each with its variable and what was expected', () => {
    const wrong: NodeJS.ProcessEnv = {
      DATABASE_URL: 'mysql://host/database',
      PARLEY_DATABASE_APP_URL: 'not a url',
      PARLEY_DATABASE_POOL_MAX: '1',
      PARLEY_ROLE: 'everything',
      PARLEY_PORT: '65536',
      PARLEY_GATEWAY_PORT: '-1',
      PARLEY_TRUSTED_PROXIES: 'true',
      PARLEY_LOG_LEVEL: 'chatty',
      PARLEY_TOKEN_SECRET: 'too short',
      PARLEY_SEALING_KEY: 'no key',
      PARLEY_OIDC_ISSUER: 'ftp://issuer.example',
      PARLEY_OIDC_JWKS_URL: 'issuer.example',
      PARLEY_OIDC_ROLES: '{"group":1}',
      PARLEY_SECRET_SCANNING_KEYS: '{}',
    };
    const mistakes = mistakesOf(wrong);
    expect(mistakes).toHaveLength(Object.keys(wrong).length);
    for (const variable of Object.keys(wrong)) {
      const { expected } = Object.values(settings).find((setting) => setting.variable === variable)!;
      const line = mistakes.find((mistake) => mistake.startsWith(`${variable}: `));
      expect(line, variable).toContain(`expected ${expected}`);
    }
  });

  it('quotes a wrong value, but never one of a secret', () => {
    for (const { variable, secret } of Object.values<{ variable: string; secret?: boolean }>(settings)) {
      const message = mistakesOf({ [variable]: 'hunter2' }).join('\n');
      if (secret) expect(message, variable).toMatch(/^.+: expected .+, but its value is not\.$/);
      expect(message.includes('hunter2') && secret === true, variable).toBe(false);
    }
    expect(mistakesOf({ PARLEY_PORT: 'hunter2' })[0]).toContain('"hunter2"');
  });

  it.each(['0x10', '1e3', ' 80', '80 ', '+80', '8_0', '١٢', '99999999999', 'NaN', '3.0'])(
    'does not take %j for a port',
    (text) => expect(mistakesOf({ PARLEY_PORT: text })).toHaveLength(1),
  );

  it.each(['[]', '["partnerships"]', 'null', '1', '"text"', '{', '{"group":null}', '{"group":"superuser"}'])(
    'does not take %s for a map from groups to lab roles',
    (text) => expect(mistakesOf({ PARLEY_OIDC_ROLES: text })).toHaveLength(1),
  );

  it('takes an issuer and its keys together or not at all', () => {
    const [issuer, keys] = ['https://issuer.example', 'https://issuer.example/jwks'];
    expect(mistakesOf({ PARLEY_OIDC_ISSUER: issuer })[0]).toContain('both or neither');
    expect(mistakesOf({ PARLEY_OIDC_JWKS_URL: keys })[0]).toContain('both or neither');
    expect(mistakesOf({ PARLEY_OIDC_ISSUER: issuer, PARLEY_OIDC_JWKS_URL: keys })).toEqual([]);
  });

  it('takes no options in the URL of a database, which would unset the role and the limits on waiting', () => {
    const url = 'postgres://parley@db.example/parley';
    expect(mistakesOf({ DATABASE_URL: `${url}?sslmode=require` })).toEqual([]);
    expect(mistakesOf({ DATABASE_URL: `${url}?options=-c%20search_path%3Dx` })).toHaveLength(1);
  });

  it('takes the URL of the application’s own log-in only beside the one that migrates', () => {
    const url = 'postgres://parley@db.example/parley';
    expect(mistakesOf({ PARLEY_DATABASE_APP_URL: url })[0]).toContain('DATABASE_URL beside it');
    expect(mistakesOf({ PARLEY_DATABASE_APP_URL: url, DATABASE_URL: url })).toEqual([]);
  });

  it('reads a sealing key whose line ends were written as \\n', () => {
    const pem = '-----BEGIN PRIVATE KEY-----\\nabc\\n-----END PRIVATE KEY-----\\n';
    expect(readConfiguration({ PARLEY_SEALING_KEY: pem }).sealingKey?.split('\n')).toHaveLength(4);
  });
});
