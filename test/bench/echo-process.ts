import { createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import { answerParent } from './child.js';

/** A bare server: `/parsed` reads the JSON and writes it again, anything else sends back the bytes that came. */
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    response.setHeader('Content-Type', 'application/json');
    const body = Buffer.concat(chunks);
    response.end(request.url === '/parsed' ? JSON.stringify(JSON.parse(body.toString())) : body);
  });
});

answerParent({
  start: () =>
    new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () =>
        resolve({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
      );
    }),
});
