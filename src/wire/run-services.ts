// Runs: starting an approved plan, watching, steering, accepting what cannot be proved; wired for the doors.
import { randomBytes } from 'node:crypto';
import { normalId, shortId } from '../domain/id.ts';
import { Problem } from '../domain/problem.ts';
import type { RunView } from '../domain/view.ts';
import { acceptItem } from '../execute/accept-item.ts';
import { advance } from '../execute/advance.ts';
import { signOff } from '../execute/sign-off.ts';
import { abortRun, pauseRun, resumeRun, retryRun } from '../execute/steer-run.ts';
import type { Services } from '../http/services.ts';
import { exceptionStore } from '../store/exceptions.ts';
import { peoplePage } from '../store/people-view.ts';
import { itemPage, runPage, runView } from '../store/run-views.ts';
import { signOffStore } from '../store/sign-offs.ts';
import type { Parts } from './parts.ts';
import { startPlan } from './start-plan.ts';

type RunServices = Pick<
  Services,
  'startRun' | 'runs' | 'run' | 'items' | 'people' | 'pause' | 'resume' | 'abort' | 'retry' | 'except' | 'signOff'
>;

export function runServices(parts: Parts): RunServices {
  const { estate, store, runs, engine, now } = parts;
  const steer = { runs, sendAdvance: (run: string) => engine.sendAdvance(run), now };
  const view = async (typed: string): Promise<RunView> => {
    const id = normalId(typed);
    const found = await runView(store, id);
    if (found === undefined) throw new Problem('not-found', { message: `there is no run ${id}`, hint: 'rekey run ls' });
    return found;
  };
  const after = async (run: string, work: Promise<unknown>): Promise<RunView> => {
    await work;
    return view(run);
  };
  return {
    startRun: async (caller, typed, confirm) => view(await startPlan(parts, typed, caller.name, { confirm })),
    runs: (_caller, page) => runPage(store, page),
    run: (_caller, run) => view(run),
    items: async (_caller, run, query) => {
      const { id } = await view(run);
      const { state, ...rest } = query;
      const states = state?.split(',').map((s) => s.trim());
      return itemPage(store, id, { ...rest, ...(states === undefined ? {} : { states }) });
    },
    people: async (_caller, run, query) => peoplePage(store, (await view(run)).id, query),
    pause: (caller, run, reason) => after(run, pauseRun(steer, caller, normalId(run), reason)),
    resume: (caller, run) => after(run, resumeRun(steer, caller, normalId(run))),
    abort: (caller, run, reason) => after(run, abortRun(steer, caller, normalId(run), reason)),
    retry: (caller, run, states) => after(run, retryRun(steer, caller, normalId(run), states)),
    except: (caller, run, request) =>
      after(
        run,
        acceptItem(
          { ...steer, exceptions: exceptionStore(store), newId: () => shortId('X', randomBytes(8)) },
          caller.name,
          normalId(run),
          request,
        ),
      ),
    signOff: (caller, run, request) =>
      after(
        run,
        signOff(
          {
            now,
            advance: (id) => advance({ runs, sendLane: (lane) => engine.sendLane(lane), now }, id),
            signOffs: signOffStore(store),
            openSystem: (system) => parts.connections.open(system),
            approvals: { approvers: estate.approvers.map((approver) => approver.name), self: estate.approvals.self },
            newId: () => shortId('S', randomBytes(8)),
          },
          caller,
          normalId(run),
          request,
        ),
      ),
  };
}
