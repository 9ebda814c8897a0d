import { AddressInfo, connect, createServer, Socket } from 'node:net';

/** A network path to a database that a test can cut and mend. */
export interface SeverableLink {
  url: string;
  /** Ends every connection and lets none through. */
  cut: () => void;
  /** Goes silent: no connection is ended, and nothing more is carried on any. */
  stall: () => void;
  /** Carries everything again; what was held back by a silence goes on its way. */
  mend: () => void;
  stop: () => Promise<void>;
}

/** A path to the database of a URL, through a port of its own. */
export async function severableLink(databaseUrl: string): Promise<SeverableLink> {
  const url = new URL(databaseUrl);
  const target = { host: url.hostname, port: Number(url.port || 5432) };
  /** Each end of a connection, and the end that it is carried to. */
  const ends = new Map<Socket, Socket>();
  let state: 'whole' | 'silent' | 'cut' = 'whole';
  const server = createServer((near) => {
    if (state === 'cut') {
      near.destroy();
      return;
    }
    const far = connect(target);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.set(one, other);
      one.on('error', () => other.destroy()).on('close', () => other.destroy() && ends.delete(one));
      if (state === 'whole') one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  const cut = () => {
    state = 'cut';
    for (const socket of ends.keys()) socket.destroy();
  };
  const stall = () => {
    state = 'silent';
    for (const [one, other] of ends) one.unpipe(other);
  };
  const mend = () => {
    if (state === 'silent') for (const [one, other] of ends) one.pipe(other);
    state = 'whole';
  };
  const stop = () => {
    cut();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { url: url.href, cut, stall, mend, stop };
}
