import { Agent, IncomingHttpHeaders, request } from 'node:http';

/** What came back of one question. */
export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** A gateway that asks a lot: it keeps its connections, and does nothing with an answer but read it. */
export interface LoadClient {
  /** One POST; fails where the connection is refused or cut. */
  post: (url: string, token: string, body: string) => Promise<Reply>;
  close: () => void;
}

/** A client with so many connections to each node at most. */
export function loadClient(connectionsMax: number): LoadClient {
  const agent = new Agent({ keepAlive: true, maxSockets: connectionsMax, maxFreeSockets: connectionsMax });
  const post = (url: string, token: string, body: string) =>
    new Promise<Reply>((resolve, reject) => {
      const headers = {
        Authorization: `Bearer ${token}`,
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
      };
      const asked = request(url, { method: 'POST', agent, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('error', reject).on('end', () => {
          resolve({ status: response.statusCode!, headers: response.headers, text });
        });
      });
      asked.on('error', reject).end(body);
    });
  return { post, close: () => agent.destroy() };
}

/** What an answer to a question holds that a test or a bench looks at. */
export interface Decided {
  decision: 'allow' | 'deny';
  code: string;
  authorization: string | null;
}

/** Goes on asking with so many callers at once, until one of them is told to stop. */
export async function callers(count: number, ask: (caller: number) => Promise<boolean>): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, async (_, caller) => {
      while (await ask(caller));
    }),
  );
}
