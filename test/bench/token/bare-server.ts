import http from 'node:http';

// The ceiling: node:http that answers a constant of the size of a token answer, and does nothing else.
const body = JSON.stringify({ access_token: 'x'.repeat(1500), token_type: 'Bearer', expires_in: 3600 });
const server = http.createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(body);
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(JSON.stringify({ port: typeof address === 'object' ? address?.port : undefined }));
});
