import { Server, ServerResponse } from 'node:http';

/** How long requests under way may take to be answered once a server is told to stop, in milliseconds. */
const drainMax = 10_000;

/** How often it is looked whether anybody is left, in milliseconds. */
const lookEvery = 20;

/**
 * Readies a server for an orderly stop; call what it returns to stop it. From then on each answer closes its own
 * connection. For `leaveTime` milliseconds at most, while anybody is connected, questions are still taken: who keeps a
 * connection open may be asking on it just now, and is told by an answer to go elsewhere instead of meeting its end.
 * Then no connection is taken, idle ones are closed, and what is not answered in ten seconds is cut: a busy client that
 * keeps its connection alive would otherwise keep the process alive as well.
 */
export function drainable(server: Server): (leaveTime?: number) => Promise<void> {
  let stopping = false;
  server.prependListener('request', (_request: unknown, response: ServerResponse) => {
    if (stopping) response.setHeader('Connection', 'close');
  });
  return async (leaveTime = 0) => {
    stopping = true;
    await left(server, leaveTime);
    const deadline = setTimeout(() => server.closeAllConnections(), drainMax);
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeIdleConnections();
    });
    clearTimeout(deadline);
  };
}

/** Waits until nobody is connected any more, at most so many milliseconds. */
async function left(server: Server, timeMax: number): Promise<void> {
  const until = performance.now() + timeMax;
  while (performance.now() < until && (await connectionsOf(server)) > 0) {
    await new Promise((resolve) => void setTimeout(resolve, lookEvery));
  }
}

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve) => void server.getConnections((_error, count) => resolve(count ?? 0)));
}
