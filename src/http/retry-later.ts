// A refusal that says when to come again: the reply carries it as Retry-After.
import { Problem, type ProblemCode, type ProblemDetail } from '../domain/problem.ts';

export class RetryLater extends Problem {
  readonly retryAfterSeconds: number;
  constructor(code: ProblemCode, detail: ProblemDetail, afterMs: number) {
    super(code, detail);
    this.retryAfterSeconds = Math.max(1, Math.ceil(afterMs / 1000));
  }
}

export class TooMany extends RetryLater {
  constructor(afterMs: number, message = 'too many requests') {
    super('too-many-requests', { message, hint: `wait ${Math.max(1, Math.ceil(afterMs / 1000))} s` }, afterMs);
  }
}
