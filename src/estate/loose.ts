// What of a half-right estate file can still be checked: texts where texts belong, the rest left out. One slip must not hide the others.
import type { LooseNotify, LoosePlaybook } from './notify-rules.ts';

export type Loose = {
  readonly storeUrl: string | undefined;
  readonly keyring:
    | { readonly provider: string | undefined; readonly path: string | undefined; readonly variable: string | undefined }
    | undefined;
  readonly count: number | undefined;
  /** Members' passkeys count beside the keys of the file. */
  readonly passkeys: boolean;
  readonly approvers: readonly { readonly name: string | undefined; readonly key: string | undefined }[];
  readonly systems: readonly LooseSystem[];
  readonly peopleSystems: readonly (string | undefined)[];
  readonly sync: readonly { readonly name: string | undefined; readonly systems: readonly (string | undefined)[] }[];
  readonly notify: LooseNotify;
  readonly playbooks: readonly LoosePlaybook[];
  readonly workloads: readonly LooseWorkload[];
};
export type LooseWorkload = {
  readonly id: string | undefined;
  readonly issuer: string | undefined;
  readonly jwks: string | undefined;
  readonly audience: string | undefined;
  /** The patterns of its claims. */
  readonly claims: readonly string[];
  readonly certificate: { readonly san: string | undefined; readonly subject: string | undefined } | undefined;
  readonly may: readonly (string | undefined)[];
};
export type LooseSystem = {
  readonly id: string | undefined;
  readonly connector: string | undefined;
  readonly config: unknown;
  readonly canary: boolean;
  readonly paths: readonly { readonly id: string | undefined; readonly probe: string | undefined; readonly config: unknown }[];
  readonly classes: readonly string[];
  readonly exclude: string;
};

export function looseEstate(raw: unknown): Loose {
  const keyring = block(at(raw, 'keyring'));
  const approvals = at(raw, 'approvals');
  const count = at(approvals, 'count');
  return {
    storeUrl: textAt(at(raw, 'store'), 'url'),
    keyring: keyring && { provider: textAt(keyring, 'provider'), path: textAt(keyring, 'path'), variable: textAt(keyring, 'variable') },
    count: typeof count === 'number' ? count : undefined,
    passkeys: at(approvals, 'passkeys') !== false,
    approvers: list(at(raw, 'approvers')).map((a) => ({ name: textAt(a, 'name'), key: textAt(a, 'key') })),
    systems: list(at(raw, 'systems')).map((s) => ({
      id: textAt(s, 'id'),
      connector: textAt(s, 'connector'),
      config: at(s, 'config'),
      canary: block(at(s, 'canary')) !== undefined,
      paths: list(at(s, 'paths')).map((p) => ({ id: textAt(p, 'id'), probe: textAt(p, 'probe'), config: at(p, 'config') })),
      classes: list(at(at(s, 'password'), 'classes')).filter((c) => typeof c === 'string'),
      exclude: textAt(at(s, 'password'), 'exclude') ?? '',
    })),
    peopleSystems: list(at(at(raw, 'people'), 'systems')).map(textOf),
    sync: list(at(raw, 'sync')).map((g) => ({ name: textAt(g, 'name'), systems: list(at(g, 'systems')).map(textOf) })),
    notify: looseNotify(at(raw, 'notify')),
    playbooks: list(at(raw, 'playbooks')).map((p) => ({
      id: textAt(p, 'id'),
      where: textAt(p, 'where'),
      parameters: list(at(p, 'parameters')).map(textOf),
      by: list(at(at(p, 'preApproved'), 'by')).map(textOf),
    })),
    workloads: list(at(raw, 'workloads')).map(looseWorkload),
  };
}

function looseWorkload(w: unknown): LooseWorkload {
  const certificate = block(at(w, 'certificate'));
  return {
    id: textAt(w, 'id'),
    issuer: textAt(w, 'issuer'),
    jwks: textAt(w, 'jwks'),
    audience: textAt(w, 'audience'),
    claims: Object.values(block(at(w, 'claims')) ?? {}).filter((c) => typeof c === 'string'),
    certificate: certificate && { san: textAt(certificate, 'san'), subject: textAt(certificate, 'subject') },
    may: list(at(w, 'may')).map(textOf),
  };
}

function looseNotify(notify: unknown): LooseNotify {
  const smtp = block(at(notify, 'smtp'));
  return {
    publicUrl: textAt(notify, 'publicUrl') !== undefined,
    employees: block(at(notify, 'employees')) !== undefined,
    smtp: smtp && {
      host: textAt(smtp, 'host'),
      tls: textAt(smtp, 'tls'),
      user: at(smtp, 'user') !== undefined,
      password: at(smtp, 'password') !== undefined,
    },
    webhooks: list(at(notify, 'webhooks')).map((w) => ({
      id: textAt(w, 'id'),
      url: textAt(w, 'url'),
      style: textAt(w, 'style'),
      secret: at(w, 'secret') !== undefined,
      edit: at(w, 'edit') !== undefined,
    })),
    people: list(at(notify, 'people')).map((p) => ({ name: textAt(p, 'name'), mail: textAt(p, 'mail'), channel: textAt(p, 'channel') })),
  };
}

const block = (value: unknown): object | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const at = (value: unknown, key: string): unknown =>
  block(value) && Object.hasOwn(value as object, key) ? (value as Record<string, unknown>)[key] : undefined;
const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
function textAt(value: unknown, key: string): string | undefined {
  const inside = at(value, key);
  return typeof inside === 'string' ? inside : undefined;
}
