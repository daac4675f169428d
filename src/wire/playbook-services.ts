// Playbooks, wired for the doors: read, and signed in advance by SSH key or by passkey, bound to the text as it stands in the estate file.
import type { Caller } from '../access/caller.ts';
import { ableToApprove } from '../approve/approval-status.ts';
import { approve } from '../approve/approve.ts';
import { approvalMessage } from '../approve/message.ts';
import { Problem } from '../domain/problem.ts';
import type { PlaybookSpec } from '../estate/playbook-spec.ts';
import type { PlaybookServices, PlaybookView } from '../http/trigger-services.ts';
import { assertOwnName } from './approval-services.ts';
import type { Parts } from './parts.ts';
import { askPasskeyFor, takePasskey } from './passkey-approval.ts';
import { playbookDeps, playbookOf, playbookSubject, preApprovalOf } from './pre-approval.ts';
import type { Site } from './site.ts';

export function playbookServices(parts: Parts, site: Site): PlaybookServices {
  const view = (caller: Caller, spec: PlaybookSpec): Promise<PlaybookView> => viewOf(parts, caller, spec);
  return {
    playbooks: (caller) => Promise.all((parts.estate.playbooks ?? []).map((spec) => view(caller, spec))),
    playbook: async (caller, id) => view(caller, playbookOf(parts, id)),
    approvePlaybook: async (caller, id, approval) => {
      const spec = signable(playbookOf(parts, id));
      const subject = playbookSubject(spec, '');
      assertOwnName(caller, approval.approver, subject.id);
      await approve(playbookDeps(parts, spec), subject, approval);
      return view(caller, spec);
    },
    askPlaybookPasskey: async (caller, id) => {
      const spec = signable(playbookOf(parts, id), caller.name);
      return askPasskeyFor(playbookDeps(parts, spec), playbookSubject(spec, ''), {
        name: caller.name,
        site,
        bySsh: `rekey playbook approve ${id}`,
      });
    },
    approvePlaybookByPasskey: async (caller, id, answer) => {
      const spec = signable(playbookOf(parts, id), caller.name);
      await takePasskey(playbookDeps(parts, spec), playbookSubject(spec, ''), caller.name, { site, answer });
      return view(caller, spec);
    },
  };
}

/** `by`: who would sign it, where that is known before their signature is looked at. */
function signable(spec: PlaybookSpec, by?: string): PlaybookSpec {
  if (spec.preApproved === undefined)
    throw new Problem('conflict', {
      message: `${spec.id} is not meant to be approved in advance`,
      place: spec.id,
      hint: 'add "preApproved: { by: […], until: … }" to it in rekey.yaml',
    });
  if (by === undefined || spec.preApproved.by.includes(by)) return spec;
  throw new Problem('not-permitted', {
    message: `${spec.id} does not name ${by} among those who sign it in advance`,
    place: spec.id,
    hint: `these do: ${spec.preApproved.by.join(', ')}`,
  });
}

async function viewOf(parts: Parts, caller: Caller, spec: PlaybookSpec): Promise<PlaybookView> {
  const { text: _text, preApproved, cooldownMs, ...shown } = spec;
  const message = approvalMessage({ id: playbookSubject(spec, '').id, hash: spec.hash, estate: parts.estate.name });
  const told = { ...shown, cooldownSeconds: cooldownMs / 1000, message };
  if (preApproved === undefined) return { ...told, preApproved: null };
  const { status } = await preApprovalOf(parts, spec, '');
  const open = parts.now() < new Date(preApproved.until);
  const may = open ? await ableToApprove(playbookDeps(parts, spec), playbookSubject(spec, ''), status) : [];
  return {
    ...told,
    preApproved: {
      ...preApproved,
      needed: status.needed,
      given: status.given.map(({ name, method, at }) => ({ name, method, at })),
      inForce: status.given.length >= status.needed && open,
      may,
      canGive: may.includes(caller.name),
    },
  };
}
