import { AddressInfo, connect, createServer, Socket } from 'node:net';

/** A network path to a database that a test can cut and mend. */
export interface SeverableLink {
  url: string;
  /** Ends every connection and lets none through. */
  cut: () => void;
  mend: () => void;
  stop: () => Promise<void>;
}

/** A path to the database of a URL, through a port of its own. */
export async function severableLink(databaseUrl: string): Promise<SeverableLink> {
  const url = new URL(databaseUrl);
  const target = { host: url.hostname, port: Number(url.port || 5432) };
  const sockets = new Set<Socket>();
  let whole = true;
  const server = createServer((near) => {
    if (!whole) {
      near.destroy();
      return;
    }
    const far = connect(target);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy()).on('close', () => other.destroy() && sockets.delete(one));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  const cut = () => {
    whole = false;
    for (const socket of sockets) socket.destroy();
  };
  const stop = () => {
    cut();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { url: url.href, cut, mend: () => (whole = true), stop };
}
