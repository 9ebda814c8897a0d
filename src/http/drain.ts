import { Server, ServerResponse } from 'node:http';

/** How long requests under way may take to be answered once a server is told to stop, in milliseconds. */
const drainMax = 10_000;

/**
 * Readies a server for an orderly stop; call what it returns to stop it. From then on no connection is taken, each
 * answer closes its own, and what is not answered in ten seconds is cut: a busy client that keeps its connection
 * alive would otherwise keep the process alive as well.
 */
export function drainable(server: Server): () => Promise<void> {
  let stopping = false;
  server.prependListener('request', (_request: unknown, response: ServerResponse) => {
    if (stopping) response.setHeader('Connection', 'close');
  });
  return async () => {
    stopping = true;
    const deadline = setTimeout(() => server.closeAllConnections(), drainMax);
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeIdleConnections();
    });
    clearTimeout(deadline);
  };
}
