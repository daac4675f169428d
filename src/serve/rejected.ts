// Answers what never became a request: too large, too slow, not HTTP. In the form of every other refusal, and the connection ends.
import type { Socket } from 'node:net';

const refusals: Readonly<Record<string, { readonly status: string; readonly detail: string }>> = {
  HPE_HEADER_OVERFLOW: { status: '431 Request Header Fields Too Large', detail: 'the headers of the request are too large' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: '408 Request Timeout', detail: 'the request did not arrive in time' },
};
const malformed = { status: '400 Bad Request', detail: 'this is not an HTTP request' };

export function rejected(error: Error & { code?: string }, socket: Socket): void {
  // The client is gone; there is nobody to answer.
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, detail } = refusals[error.code ?? ''] ?? malformed;
  const body = JSON.stringify({
    type: 'urn:rekey:problem:usage',
    title: 'Usage',
    status: Number.parseInt(status, 10),
    detail,
    code: 'usage',
  });
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
