// The plan's header: canonical JSON whose sha256 is the plan's hash. It says everything an approver agrees to, and binds every item by digest.
import { createHash } from 'node:crypto';
import { canonical, type Json } from '../domain/json.ts';
import { Problem } from '../domain/problem.ts';
import type { Parameters } from '../domain/selector/bind.ts';
import type { PlanView } from '../domain/view.ts';

export type PlanSystem = {
  readonly id: string;
  readonly connector: string;
  readonly tier: number;
  /** Hash of the system's block of the estate file. */
  readonly spec: string;
  readonly canary: string | null;
  readonly items: number;
};
export type PlanHeader = Omit<PlanView, 'hash' | 'approvals'> & {
  readonly apiVersion: 'rekey/v1';
  readonly kind: 'plan';
  /** The playbook that made it, with what its parameters were bound to; left out for a plan that a person made. */
  readonly playbook?: { readonly id: string; readonly hash: string; readonly parameters: Parameters };
  readonly systems: readonly PlanSystem[];
  /** `digest`: sha256 over the item lines in order, each followed by a newline. */
  readonly items: { readonly count: number; readonly digest: string };
};

export function headerText(header: PlanHeader): string {
  return canonical(header as unknown as Json); // a tree of JSON values only; interfaces lack the index signature Json asks for
}

export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** The running digest over item lines. */
export class ItemDigest {
  readonly #hash = createHash('sha256');
  #count = 0;

  add(line: string): void {
    this.#hash.update(line, 'utf8').update('\n');
    this.#count++;
  }
  end(): { count: number; digest: string } {
    return { count: this.#count, digest: this.#hash.digest('hex') };
  }
}

/** Reads stored or imported header bytes whose hash the caller knows. Throws plan-tampered when they do not fit. */
export function readHeader(text: string, hash: string, place: string): PlanHeader {
  if (sha256(text) !== hash) throw tampered(place, 'the header does not have the hash it is stored under');
  return JSON.parse(text) as PlanHeader; // the hash was just checked: these are bytes headerText wrote
}

export function tampered(place: string, what: string): Problem {
  return new Problem('plan-tampered', {
    message: `${place} was changed after it was made: ${what}`,
    place,
    hint: 'make a new plan, and find out who changed this one',
  });
}
