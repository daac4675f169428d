// Writes the value of one variable and nothing else of it, and reads it back where GitLab shows it.
import { type Capabilities, done, indeterminate, type Outcome, refused, type Secret } from '../../kit/kit.ts';
import type { Ask, Begin } from '../../protocols/http/ask.ts';
import type { Config } from './config.ts';
import { runPipeline } from './pipeline.ts';
import { type Place, placeOf } from './reference.ts';
import { changedAttribute, readVariable, scopeQuery, type Variable, variableIn, variablePath } from './variable.ts';

export function store(config: Config, begin: Begin): Capabilities['storeConsumer'] {
  let puts = 0;
  const placed = (ref: string): Outcome<Place> => placeOf(ref, config.within);
  return {
    async put({ ref }, _account, secret) {
      const ask = begin();
      const place = placed(ref);
      if (place.kind !== 'done') return place;
      const before = await readVariable(ask, place.value);
      if (before.kind !== 'done') return before;
      if (!before.value.raw && secret.text((text) => text.includes('$')))
        return refused(
          'policy',
          `${ref}: the value has a $, which this variable expands as a reference: make it raw ("Expand variable reference" off)`,
        );
      const written = await write(ask, place.value, before.value, secret);
      if (written.kind !== 'done') return written;
      const after = await readVariable(ask, place.value, before.value.environment_scope);
      if (after.kind !== 'done') return indeterminate(after.fault.code, `written, but it cannot be read back: ${after.fault.message}`);
      if (!after.value.hidden && !same(after.value, secret))
        return indeterminate('conflict', `${ref} was written, and holds another value now: somebody else writes it too`);
      puts += 1;
      // GitLab numbers and dates variables by nothing: its clock at the write, and which write of ours it was.
      return done({ storeVersion: `${written.value} #${puts}` });
    },
    async holds({ ref }, _account, secret) {
      const ask = begin();
      const place = placed(ref);
      if (place.kind !== 'done') return place;
      const present = await readVariable(ask, place.value);
      if (present.kind !== 'done') return present;
      if (present.value.hidden || present.value.value === null)
        return refused('unsupported', `${ref} is hidden: GitLab shows neither its value nor when it was written`);
      return done(same(present.value, secret));
    },
    async reload({ ref, reload }) {
      if (reload === undefined) return done(undefined);
      const place = placed(ref);
      return place.kind === 'done' ? runPipeline(begin(), place.value, reload) : place;
    },
    healthy: async ({ health }) =>
      health === undefined
        ? done(undefined)
        : refused(
            'unsupported',
            `"${health}": GitLab does not date variables, so no job shows which value it began with; leave health empty`,
          ),
  };
}

/** GitLab's clock at the write. */
async function write(ask: Ask, place: Place, before: Variable, secret: Secret): Promise<Outcome<string>> {
  // Only the value: what is left out stays as it is, also when somebody changes it just now.
  const answer = await secret.text((value) =>
    ask({ method: 'PUT', path: variablePath(place), query: scopeQuery(before.environment_scope), json: { value } }, [200], [secret]),
  );
  if (answer.kind === 'refused' && answer.fault.target === '400' && before.masked)
    return refused('policy', `${place.ref}: GitLab cannot mask this value (at least 8 characters, one line, of its alphabet)`, {
      target: '400',
    });
  if (answer.kind !== 'done') return answer;
  const after = variableIn(answer.value.body, place);
  if (after.kind !== 'done') return { kind: 'indeterminate', fault: after.fault };
  const changed = changedAttribute(before, after.value);
  if (changed !== undefined) return indeterminate('conflict', `${place.ref} was written, and its attribute ${changed} changed meanwhile`);
  return done((answer.value.date ?? new Date(0)).toISOString());
}

const same = ({ value }: Variable, secret: Secret): boolean =>
  value !== null && secret.use((bytes) => Buffer.from(value, 'utf8').equals(bytes));
