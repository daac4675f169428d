// A refusal that says when to come again: the reply carries it as Retry-After.
import { Problem } from '../domain/problem.ts';

export class TooMany extends Problem {
  readonly retryAfterSeconds: number;
  constructor(retryAfterMs: number) {
    const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
    super('too-many-requests', { message: 'too many requests', hint: `wait ${seconds} s` });
    this.retryAfterSeconds = seconds;
  }
}
