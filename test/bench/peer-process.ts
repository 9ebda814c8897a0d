import { createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import { answerParent } from './child.js';
import { closedLoop, Loop } from './closed-loop.js';
import { Peer, PeerKey, PeerSettings } from './peer.js';

let peer: Peer;
const keysOf = new Map<string, string[]>();

/** `verifyApiKey` behind the barest listener: the JSON of a question in, the JSON of the answer out. */
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { key, permissions } = JSON.parse(Buffer.concat(chunks).toString()) as { key: string; permissions: object };
    peer.verify(key, permissions).then(
      (verified) => response.setHeader('Content-Type', 'application/json').end(JSON.stringify(verified)),
      () => response.writeHead(500).end(),
    );
  });
});

answerParent({
  start: async ({ settings, keys }: { settings: PeerSettings; keys: number }) => {
    peer = await Peer.open(settings);
    const made: PeerKey[] = [];
    for (let at = 0; at < keys; at += 1) made.push(await peer.issue());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, keys: made.map(({ key }) => key) };
  },
  prepare: ({ name, keys }: { name: string; keys: string[] }) => {
    keysOf.set(name, keys);
  },
  run: ({ name, expect, ...loop }: Loop & { name: string; expect: boolean }) => {
    const keys = keysOf.get(name)!;
    return closedLoop(loop, async (at) => (await peer.verify(keys[at % keys.length]!)).valid === expect);
  },
  issue: ({ remaining }: { remaining?: number }) => peer.issue(remaining),
  verify: async ({ key }: { key: string }) => (await peer.verify(key)).valid,
  revoke: ({ id }: { id: string }) => peer.revoke(id),
  /** How many of so many simultaneous calls a key with so many uses lets through. */
  burst: async ({ asks, remaining }: { asks: number; remaining: number }) => {
    const { key } = await peer.issue(remaining);
    const answers = await Promise.all(Array.from({ length: asks }, () => peer.verify(key)));
    return answers.filter(({ valid }) => valid).length;
  },
  /** How many uses are gone after so many calls, beyond one for each that was let through. */
  burnt: async ({ asks, permissions }: { asks: number; permissions: object }) => {
    const { id, key } = await peer.issue(100);
    let admitted = 0;
    for (let at = 0; at < asks; at += 1) if ((await peer.verify(key, permissions)).valid) admitted += 1;
    return { refused: asks - admitted, burnt: 100 - admitted - (await peer.remaining(id)) };
  },
  stop: () => peer.close(),
});
