// Starts a pipeline of the project that holds the variable: pipeline branch.
import { done, type Outcome, refused } from '../../kit/kit.ts';
import type { Ask } from '../../protocols/http/ask.ts';
import type { Place } from './reference.ts';

export async function runPipeline(ask: Ask, { ref, owner, path }: Place, text: string): Promise<Outcome<void>> {
  const branch = /^pipeline\s+(\S+)$/.exec(text.trim())?.[1];
  if (branch === undefined) return refused('unsupported', `"${text}" is not understood; write pipeline main`);
  if (owner === 'groups') return refused('unsupported', `"${text}": ${ref} belongs to a group; pipelines are those of a project`);
  const answer = await ask({ method: 'POST', path: ['api', 'v4', 'projects', path, 'pipeline'], json: { ref: branch } }, [201]);
  return answer.kind === 'done' ? done(undefined) : answer;
}
