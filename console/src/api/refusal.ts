// What the API says when it refuses: code, sentence, next step. Shown to people as it is.

export type Finding = { readonly message: string; readonly place?: string; readonly hint?: string };

export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string | undefined;
  readonly place: string | undefined;
  readonly requestId: string | undefined;
  /** Several findings of one kind: every bad row of an import, every account that drifted. */
  readonly details: readonly Finding[];

  constructor(problem: {
    status: number;
    code: string;
    detail: string;
    hint?: string;
    place?: string;
    requestId?: string;
    details?: readonly Finding[];
  }) {
    super(problem.detail);
    this.name = 'Refusal';
    this.status = problem.status;
    this.code = problem.code;
    this.hint = problem.hint;
    this.place = problem.place;
    this.requestId = problem.requestId;
    this.details = problem.details ?? [];
  }

  /** From a problem+json body, or from anything else that came in its place. */
  static from(body: unknown, status: number): Refusal {
    const { code, detail, hint, place, requestId, details } = (typeof body === 'object' && body !== null ? body : {}) as Record<
      string,
      unknown
    >; // unknown JSON
    return new Refusal({
      status,
      code: typeof code === 'string' ? code : `http-${status}`,
      detail: typeof detail === 'string' ? detail : `The server answered ${status}.`,
      ...(typeof hint === 'string' ? { hint } : {}),
      ...(typeof place === 'string' ? { place } : {}),
      ...(typeof requestId === 'string' ? { requestId } : {}),
      ...(Array.isArray(details) ? { details: details as Finding[] } : {}), // the problem's schema says so
    });
  }
}
