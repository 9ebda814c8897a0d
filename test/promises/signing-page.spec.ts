import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, IncomingMessage, Server } from 'node:http';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jwsKeyId, verifyDetachedJws } from '../../src/kernel/detached-jws.js';
import { digestOf } from '../../src/kernel/digests.js';
import { keyIdOf, parsePublicKey, verifyEd25519 } from '../../src/kernel/ed25519.js';

const run = promisify(execFile);
const page = readFileSync('docs/how-to/sign-with-your-own-key.md', 'utf8');
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map(([, block]) => block!);

const version = spawnSync('bash', ['-c', 'openssl version'], { encoding: 'utf8' }).stdout ?? '';
const absent = !/^OpenSSL [3-9]/.test(version);
const note = absent ? ' (skipped: no OpenSSL 3 on this machine)' : '';

// Neither ends in a line feed, and neither would survive a reader that trims, decodes or writes JSON anew.
const challenge = 'I hold this key: “Sam’s”.\n\n  nonce 5e1f ';
const document = Buffer.from('{"agreementId":"0190","name":"Ümlaut","prose":[{"clauseId":"1","sha256":"00"}]}');

describe.skipIf(absent)(`the page on signing with your own key${note}`, () => {
  const directory = mkdtempSync(join(tmpdir(), 'parley-signing-page-'));
  /** What the page sent, by path; it stands for the service, which other tests cover. */
  const sent = new Map<string, Record<string, unknown>>();
  let server: Server;
  let printed: string;

  async function answer(request: IncomingMessage): Promise<string | Buffer> {
    expect(request.headers.authorization).toBe('Bearer a-token');
    if (request.method === 'GET') return request.url === '/v1/agreements/a-1/revisions/2/canonical' ? document : '';
    sent.set(request.url!, JSON.parse(await text(request)) as Record<string, unknown>);
    return JSON.stringify({ id: 'k-1', challenge });
  }

  beforeAll(async () => {
    server = createServer((request, response) => {
      answer(request).then(
        (body) => response.end(body),
        () => response.writeHead(500).end(),
      );
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    writeFileSync(join(directory, 'sign.mjs'), blocks('js').join('\n'));
    const environment = {
      ...process.env,
      PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`,
      API: `http://127.0.0.1:${port}`,
      TOKEN: 'a-token',
      ORGANISATION: 'o-1',
      AGREEMENT: 'a-1',
      REVISION: '2',
    };
    const script = ['set -euo pipefail', ...blocks('sh')].join('\n');
    printed = (await run('bash', ['-c', script], { cwd: directory, env: environment })).stdout;
  });

  afterAll(() => {
    server.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('makes a key that Parley takes, and prints it with its id', () => {
    const { label, publicKey } = sent.get('/v1/partners/o-1/signing-keys') as Record<string, string>;
    expect(label).toBe("Sam's key");
    expect(parsePublicKey(publicKey!)).toHaveProperty('raw');
    expect(printed).toContain(`public key ${publicKey}, key id ${keyIdOf(publicKey!)}\n`);
  });

  it('proves possession over the exact bytes of the challenge', () => {
    const { publicKey } = sent.get('/v1/partners/o-1/signing-keys') as Record<string, string>;
    const proof = sent.get('/v1/signing-keys/k-1/proof') as Record<string, string>;
    const [key, signature] = [publicKey!, proof['signature']!].map((part) => Buffer.from(part, 'base64url'));
    expect(proof).toEqual({ signature: signature!.toString('base64url') });
    expect(verifyEd25519(key!, Buffer.from(challenge), signature!)).toBe(true);
  });

  it('signs the exact bytes of the document, as a detached JWS that holds', () => {
    const { publicKey } = sent.get('/v1/partners/o-1/signing-keys') as Record<string, string>;
    const { jws, ...rest } = sent.get('/v1/agreements/a-1/signature') as { jws: string };
    expect(jwsKeyId(jws)).toBe(keyIdOf(publicKey!));
    expect(verifyDetachedJws(jws, document, publicKey!)).toBeNull();
    expect(rest).toEqual({
      method: 'ed25519_jws',
      digest: digestOf(document),
      legalName: 'Sam Signatory',
      title: 'General Counsel',
      intendToSign: true,
      authorisedToBind: true,
    });
  });

  it('sends nothing else', () => expect(sent.size).toBe(3));
});
