// One call of the routes that sign people in and out, with problems as Refusals.
import { Refusal } from '../api/refusal.ts';

export async function ask<T>(
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      credentials: 'same-origin',
      headers: { accept: 'application/json', ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw new Refusal({ status: 0, code: 'offline', detail: 'The server does not answer.', hint: 'check the network, then try again' });
  }
  const answer: unknown = response.status === 204 ? {} : await response.json().catch(() => undefined);
  if (!response.ok || answer === undefined) throw Refusal.from(answer, response.status);
  return answer as T; // each caller names the shape of its route
}
