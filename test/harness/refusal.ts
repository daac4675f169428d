// The Problem a piece of work is refused with; work that is done, or breaks in another way, fails the test.
import { Problem } from '../../src/domain/problem.ts';

export async function refusal(work: Promise<unknown>): Promise<Problem> {
  const ended = await work.then(
    () => 'it was done',
    (error: unknown) => error,
  );
  if (ended instanceof Problem) return ended;
  throw new Error('expected a refusal', { cause: ended });
}
