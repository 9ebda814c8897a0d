import { Agent, createServer, get, IncomingMessage } from 'node:http';
import { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { drainable } from '../../src/http/drain.js';

describe('a server that is told to stop', () => {
  it('ends although a client keeps its one connection alive and goes on asking, and cuts no answer', async () => {
    const server = createServer((_, response) => void setTimeout(5).then(() => response.end('whole')));
    const stop = drainable(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const answers: string[] = [];
    const asking = (async () => {
      // It goes on until the server is no longer there.
      for (;;) answers.push(await textOf(port, agent));
    })().catch((error: { code?: string }) => error.code);
    await setTimeout(60);
    await stop();
    expect(await asking).toMatch(/ECONNREFUSED|ECONNRESET/);
    expect(answers.length).toBeGreaterThan(1);
    expect(new Set(answers)).toEqual(new Set(['whole']));
    agent.destroy();
  });

  it('tells those who keep a connection to leave before it ends, and waits for nobody who says nothing', async () => {
    const server = createServer((_, response) => void response.end('whole'));
    const stop = drainable(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const [asking, silent] = [0, 1].map(() => new Agent({ keepAlive: true, maxSockets: 1 }));
    await Promise.all([textOf(port, asking!), textOf(port, silent!)]);
    const begun = performance.now();
    const stopped = stop(200);
    await setTimeout(100);
    expect(await textOf(port, asking!)).toBe('whole');
    expect(Object.keys(asking!.freeSockets)).toEqual([]);
    await stopped;
    expect(performance.now() - begun).toBeGreaterThanOrEqual(199);
    await expect(textOf(port, silent!)).rejects.toThrow();
    asking!.destroy();
    silent!.destroy();
  });
});

function textOf(port: number, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', agent }, (response: IncomingMessage) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(text)).on('error', reject);
    }).on('error', reject);
  });
}
