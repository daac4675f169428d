// Lines of a byte stream. Unlike readline it ends with the stream's own error, and ends at all when the stream is destroyed.
import type { Readable } from 'node:stream';

export async function* linesOf(stream: Readable): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    rest += decoder.decode(chunk as Uint8Array, { stream: true }); // no encoding is set on these streams
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}
