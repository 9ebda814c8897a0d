import { connect, Socket } from 'node:net';
import { answerParent } from './child.js';
import { Loop, LoopResult, spread } from './closed-loop.js';

/** What to send, over and over, and what an answer must hold to be counted as expected. */
interface Load extends Loop {
  url: string;
  path: string;
  headers: Record<string, string>;
  bodies: string[];
  expect: string;
}

const requestsOf = new Map<string, Buffer[]>();

/**
 * Sends requests over connections that are kept alive, each the next as soon as it is answered. It is a socket and
 * little more, so that it takes as little as it can of the machine that it shares with what it measures.
 */
answerParent({
  /** Keeps requests under a name, so that they are made and sent here once. */
  prepare: ({ name, load }: { name: string; load: Omit<Load, keyof Loop> }) => {
    const { host } = new URL(load.url);
    const lines = { Host: host, ...load.headers, 'Content-Type': 'application/json' };
    const head = Object.entries(lines).map(([field, value]) => `${field}: ${value}\r\n`);
    const start = `POST ${load.path} HTTP/1.1\r\n${head.join('')}`;
    const requests = load.bodies.map((body) =>
      Buffer.from(`${start}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`),
    );
    requestsOf.set(name, requests);
  },
  run: async ({ name, url, expect, callers, seconds }: Loop & { name: string; url: string; expect: string }) => {
    const requests = requestsOf.get(name)!;
    const [latencies, begun] = [[] as number[], performance.now()];
    const state = { requests, next: 0, expect, expected: 0, end: begun + seconds * 1_000, latencies };
    await Promise.all(Array.from({ length: callers }, () => call(url, state)));
    const took = (performance.now() - begun) / 1_000;
    const result: LoopResult = {
      units: latencies.length,
      seconds: took,
      expected: state.expected,
      ...spread(latencies),
    };
    return result;
  },
});

interface State {
  requests: Buffer[];
  next: number;
  expect: string;
  expected: number;
  end: number;
  latencies: number[];
}

function call(url: string, state: State): Promise<void> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    let [text, asked] = ['', 0];
    const ask = () => {
      asked = performance.now();
      if (asked >= state.end) return endOf(socket, resolve);
      socket.write(state.requests[state.next++ % state.requests.length]!);
    };
    socket.once('connect', ask).once('error', reject);
    socket.setEncoding('latin1').on('data', (part: string) => {
      text = text === '' ? part : text + part;
      if (!isWhole(text)) return;
      if (text.includes(state.expect)) state.expected += 1;
      text = '';
      state.latencies.push(performance.now() - asked);
      ask();
    });
  });
}

function endOf(socket: Socket, resolve: () => void): void {
  socket.end();
  resolve();
}

/** Whether an answer has come to its end: by its length, or by the last of its chunks. */
function isWhole(text: string): boolean {
  const head = text.indexOf('\r\n\r\n');
  if (head < 0) return false;
  const length = /\r\ncontent-length: (\d+)/i.exec(text);
  return length ? text.length >= head + 4 + Number(length[1]) : text.endsWith('0\r\n\r\n');
}
