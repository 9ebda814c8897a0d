import { AddressInfo, connect, createServer, Socket } from 'node:net';

/** A network path to a database that a test can cut and mend. */
export interface SeverableLink {
  url: string;
  /** Ends every connection and lets none through. */
  cut: () => void;
  /** Lets nothing pass while every connection stays open and new ones are taken, as a network does that loses all. */
  stall: () => void;
  /** Lets everything through again; what was held back arrives. */
  mend: () => void;
  stop: () => Promise<void>;
}

/** A path to the database of a URL, through a port of its own. */
export async function severableLink(databaseUrl: string): Promise<SeverableLink> {
  const url = new URL(databaseUrl);
  const target = { host: url.hostname, port: Number(url.port || 5432) };
  // Each socket, and the one that it passes things on to.
  const sockets = new Map<Socket, Socket>();
  let state: 'whole' | 'stalled' | 'cut' = 'whole';
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
      sockets.set(one, other);
      if (state === 'whole') one.pipe(other);
      one.on('error', () => other.destroy()).on('close', () => other.destroy() && sockets.delete(one));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  const cut = () => {
    state = 'cut';
    for (const socket of sockets.keys()) socket.destroy();
  };
  const stall = () => {
    state = 'stalled';
    for (const [one, other] of sockets) one.unpipe(other).pause();
  };
  const mend = () => {
    if (state === 'stalled') for (const [one, other] of sockets) one.pipe(other);
    state = 'whole';
  };
  const stop = () => {
    cut();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { url: url.href, cut, stall, mend, stop };
}
