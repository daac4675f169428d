// Every refusal Rekey gives a person or a script: a code from a closed list, where it is, and the next step.

/** code → HTTP status, CLI exit code. The documentation and the tests read this table. */
export const problems = {
  internal: { status: 500, exit: 1 },
  'target-unreachable': { status: 502, exit: 1 },
  'evidence-altered': { status: 500, exit: 1 },
  'too-many-requests': { status: 429, exit: 1 },
  unavailable: { status: 503, exit: 1 },
  usage: { status: 400, exit: 2 },
  'invalid-config': { status: 422, exit: 2 },
  'invalid-import': { status: 422, exit: 2 },
  'invalid-selector': { status: 400, exit: 2 },
  declined: { status: 409, exit: 3 },
  'confirmation-needed': { status: 409, exit: 3 },
  'not-signed-in': { status: 401, exit: 4 },
  'not-permitted': { status: 403, exit: 5 },
  'passkey-needed': { status: 403, exit: 5 },
  'approval-missing': { status: 403, exit: 5 },
  'not-found': { status: 404, exit: 6 },
  conflict: { status: 409, exit: 6 },
  'estate-locked': { status: 409, exit: 6 },
  unfinished: { status: 200, exit: 7 },
  'still-running': { status: 202, exit: 8 },
  'plan-stale': { status: 409, exit: 9 },
  'plan-tampered': { status: 409, exit: 9 },
  guardrail: { status: 409, exit: 10 },
} as const satisfies Record<string, { status: number; exit: number }>;
export type ProblemCode = keyof typeof problems;

/** `place` is file:line:column or a field; `hint` is the next command or the remedy. Neither ever holds a secret. */
export type ProblemDetail = { readonly message: string; readonly place?: string; readonly hint?: string };

export class Problem extends Error {
  readonly code: ProblemCode;
  readonly place: string | undefined;
  readonly hint: string | undefined;
  /** Several findings of one kind (all bad rows of an import, all errors of an estate file). */
  readonly details: readonly ProblemDetail[];

  constructor(code: ProblemCode, detail: ProblemDetail, details: readonly ProblemDetail[] = []) {
    super(detail.message);
    this.name = 'Problem';
    this.code = code;
    this.place = detail.place;
    this.hint = detail.hint;
    this.details = details;
  }
}
