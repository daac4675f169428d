// Reads an NDJSON answer line by line as it comes. The last line says how it ended; an answer that breaks off says so.
import { Refusal } from './refusal.ts';

/** The stream of a call made with `parseAs: 'stream'`, or its problem thrown as a Refusal. */
export async function* lineStream<Row>(call: Promise<{ data?: unknown; error?: unknown; response: Response }>): AsyncGenerator<Row> {
  const { data, error, response } = await call;
  if (!(data instanceof ReadableStream)) throw Refusal.from(error, response.status);
  const reader = data.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const lines = `${rest}${value}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line === '') continue;
        const row = JSON.parse(line) as { type?: unknown; problem?: unknown };
        if (row.type === 'result') ended = true;
        else if (row.type === 'problem') throw Refusal.from(row.problem, response.status);
        else yield row as Row; // the schema of the route's lines
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
  if (!ended)
    throw new Refusal({ status: 0, code: 'offline', detail: 'The answer broke off before its end.', hint: 'Ask again; nothing is lost.' });
}
