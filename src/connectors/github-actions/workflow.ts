// Starts the workflow that takes the new value up, and sees that a run of it, begun after the write, succeeded.
import { done, type Io, type Outcome, refused } from '../../kit/kit.ts';
import { afterSecondOf } from '../../protocols/http/after-second.ts';
import type { Ask, Begin } from '../../protocols/http/ask.ts';
import { listAt, textAt } from '../../protocols/http/call.ts';
import { readStored } from './read-stored.ts';
import { type Place, workflowOf } from './reference.ts';

export async function dispatch(begin: Begin, io: Io, place: Place, text: string): Promise<Outcome<void>> {
  const workflow = workflowOf(text, 'dispatch');
  if (workflow.kind !== 'done') return workflow;
  if (place.repository === undefined) return ofNobody(place, text);
  const stored = await readStored(begin(), place);
  if (stored.kind !== 'done') return stored;
  // A run begun in the second of the write could not be told from one before it.
  const stopped = await afterSecondOf(new Date(stored.value.updatedAt), stored.value.date, io);
  if (stopped !== undefined) return stopped;
  const { file, branch } = workflow.value;
  const path = [...place.repository, 'actions', 'workflows', file, 'dispatches'];
  const answer = await begin()({ method: 'POST', path, json: { ref: branch } }, [200, 204]);
  return answer.kind === 'done' ? done(undefined) : answer;
}

export async function succeeded(ask: Ask, place: Place, text: string): Promise<Outcome<boolean>> {
  const workflow = workflowOf(text, 'run');
  if (workflow.kind !== 'done') return workflow;
  if (place.repository === undefined) return ofNobody(place, text);
  const stored = await readStored(ask, place);
  if (stored.kind !== 'done') return stored;
  const { file, branch } = workflow.value;
  const path = [...place.repository, 'actions', 'workflows', file, 'runs'];
  const answer = await ask({ method: 'GET', path, query: { branch, per_page: 30 } }, [200]);
  if (answer.kind !== 'done') return answer;
  const written = Date.parse(stored.value.updatedAt);
  // created_at stays when an old run is started again: a second attempt reads the new secret, but is not counted.
  return done(
    listAt(answer.value.body, 'workflow_runs').some(
      (run) => Date.parse(textAt(run, 'created_at') ?? '') > written && textAt(run, 'conclusion') === 'success',
    ),
  );
}

const ofNobody = ({ ref }: Place, text: string): Outcome<never> =>
  refused('unsupported', `"${text}": ${ref} belongs to an organisation; workflows are those of a repository`);
