// Runs: starting an approved plan, watching, steering, accepting what cannot be proved; wired for the doors.
import { randomBytes } from 'node:crypto';
import { type Caller, ownOnly } from '../access/caller.ts';
import type { Permission } from '../access/rights.ts';
import { normalId, shortId } from '../domain/id.ts';
import { Problem } from '../domain/problem.ts';
import type { RunView } from '../domain/view.ts';
import { acceptItem } from '../execute/accept-item.ts';
import { advance } from '../execute/advance.ts';
import { signOff } from '../execute/sign-off.ts';
import { abortRun, pauseRun, resumeRun, retryRun } from '../execute/steer-run.ts';
import type { Services } from '../http/services.ts';
import { exceptionStore } from '../store/exceptions.ts';
import { ownsItem } from '../store/own.ts';
import { peoplePage } from '../store/people-view.ts';
import { hasRun, itemPage, runPage, runView } from '../store/run-views.ts';
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
  /** What is not theirs is not there for them. */
  const view = async (caller: Caller, typed: string, needs: Permission = 'run.read'): Promise<RunView> => {
    const id = normalId(typed);
    const found = await runView(store, id, ownOnly(caller, needs));
    if (found === undefined) throw noRun(id);
    return found;
  };
  const known = async (caller: Caller, typed: string, needs: Permission = 'run.read'): Promise<string> => {
    const id = normalId(typed);
    if (!(await hasRun(store, id, ownOnly(caller, needs)))) throw noRun(id);
    return id;
  };
  /** Whoever may do it may see what came of it. */
  const after = async (caller: Caller, needs: Permission, run: string, work: () => Promise<unknown>): Promise<RunView> => {
    await work();
    return view(caller, run, needs);
  };
  const assertItemOf = async (caller: Caller, needs: Permission, run: string, account: string): Promise<void> => {
    const own = ownOnly(caller, needs);
    const id = await known(caller, run, needs);
    if (own !== null && !(await ownsItem(store, id, account, own)))
      throw new Problem('not-found', { message: `${id} has no item ${account}`, hint: `rekey run items ${id}` });
  };
  return {
    startRun: async (caller, typed, confirm) => view(caller, await startPlan(parts, typed, caller.name, { confirm }), 'run.start'),
    runs: (caller, page) => runPage(store, page, ownOnly(caller, 'run.read')),
    run: (caller, run) => view(caller, run),
    items: async (caller, run, query) => {
      const id = await known(caller, run);
      const { state, ...rest } = query;
      const states = state?.split(',').map((s) => s.trim());
      const own = ownOnly(caller, 'run.read');
      return itemPage(store, id, { ...rest, ...(states === undefined ? {} : { states }), ...(own === null ? {} : { own }) });
    },
    people: async (caller, run, query) => peoplePage(store, await known(caller, run), query, ownOnly(caller, 'run.read')),
    // Whoever may pause anything may pause this; an owner has just been shown that the run holds something of theirs.
    pause: async (caller, run, reason) => {
      const id = await known(caller, run, 'run.pause');
      return after(caller, 'run.pause', id, () => pauseRun(steer, { name: caller.name, custodian: true }, id, reason));
    },
    resume: (caller, run) => after(caller, 'run.resume', run, () => resumeRun(steer, caller, normalId(run))),
    abort: (caller, run, reason) => after(caller, 'run.abort', run, () => abortRun(steer, caller, normalId(run), reason)),
    retry: (caller, run, states) => after(caller, 'run.retry', run, () => retryRun(steer, caller, normalId(run), states)),
    except: async (caller, run, request) => {
      const own = ownOnly(caller, 'run.except');
      await assertItemOf(caller, 'run.except', run, request.account);
      if (own !== null && request.owner !== own)
        throw new Problem('not-permitted', {
          message: `${caller.name} accepts nothing in the name of ${request.owner}`,
          hint: `--owner ${own}`,
        });
      const deps = { ...steer, exceptions: exceptionStore(store), newId: () => shortId('X', randomBytes(8)) };
      return after(caller, 'run.except', run, () => acceptItem(deps, caller.name, normalId(run), request));
    },
    signOff: async (caller, run, request) => {
      await assertItemOf(caller, 'run.sign-off', run, request.account);
      // Somebody signs by the name that the inventory or the list of approvers has for them.
      const signer = request.by === caller.identity ? { name: request.by, custodian: false } : caller;
      const deps = {
        now,
        advance: (id: string) => advance({ runs, sendLane: (lane) => engine.sendLane(lane), now }, id),
        signOffs: signOffStore(store),
        openSystem: (system: string) => parts.connections.open(system),
        approvals: { approvers: estate.approvers.map((approver) => approver.name), self: estate.approvals.self },
        newId: () => shortId('S', randomBytes(8)),
      };
      return after(caller, 'run.sign-off', run, () => signOff(deps, signer, normalId(run), request));
    },
  };
}

const noRun = (id: string): Problem => new Problem('not-found', { message: `there is no run ${id}`, hint: 'rekey run ls' });
