// Turns a call of the estate file into one request. Nothing is sent when a value cannot stand where the template puts it.
import type { AccountRef, Secret } from '../../kit/kit.ts';
import type { Request } from '../../protocols/http/exchange.ts';
import type { Call } from './call.ts';
import { fill, fillJson, headerPart, pathPart, TemplateError, type Values } from './template.ts';

export function accountValues(account: AccountRef): Values {
  return { id: account.id, name: account.name, login: account.login ?? account.name, locator: account.locator ?? account.name };
}

export type More = { readonly headers?: Readonly<Record<string, string>>; readonly query?: Readonly<Record<string, string>> };

/** Throws a TemplateError that holds no value. */
export function requestOf(base: URL, call: Call, values: Values, secret: Secret | undefined, more: More = {}): Request {
  if (secret === undefined) return built(base, call, values, more);
  return secret.text((text) => built(base, call, { ...values, secret: text }, more));
}

function built(base: URL, call: Call, values: Values, more: More): Request {
  const url = urlOf(base, fill(call.path, { ...values, secret: undefined }, pathPart));
  for (const [name, value] of Object.entries(more.query ?? {})) url.searchParams.set(name, value);
  const body = bodyOf(call, values);
  const own = Object.fromEntries(
    Object.entries(call.headers ?? {}).map(([name, value]) => [name.toLowerCase(), headerPart(fill(value, values))]),
  );
  const headers = { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': body.type }), ...more.headers, ...own };
  return { method: call.method, url, headers, ...(body === undefined ? {} : { body: body.bytes }) };
}

/** What was written below the base stays below it, whatever the values are. */
export function urlOf(base: URL, path: string): URL {
  const root = base.pathname.replace(/\/$/, '');
  const url = new URL(`${base.origin}${root}${path}`);
  if (url.origin !== base.origin || !url.pathname.startsWith(`${root}/`)) throw new TemplateError('the path leads out of config.url');
  return url;
}

function bodyOf(call: Call, values: Values): { readonly type: string; readonly bytes: Uint8Array } | undefined {
  if (call.json !== undefined) return { type: 'application/json', bytes: Buffer.from(JSON.stringify(fillJson(call.json, values))) };
  if (call.form === undefined) return undefined;
  const filled = Object.entries(call.form).map(([name, value]): [string, string] => [name, fill(value, values)]);
  return { type: 'application/x-www-form-urlencoded', bytes: Buffer.from(new URLSearchParams(filled).toString()) };
}
