// What a structure alone cannot say of `notify` and `playbooks`: every name means something, nothing goes over the network in the clear.

import { isMailbox } from '../domain/mailbox.ts';
import { Problem } from '../domain/problem.ts';
import { parametersIn } from '../domain/selector/bind.ts';
import { isLoopback } from '../kit/settings.ts';
import { didYouMean } from './did-you-mean.ts';
import type { Path } from './yaml-places.ts';

export type LooseNotify = {
  readonly publicUrl: boolean;
  readonly employees: boolean;
  readonly smtp:
    | { readonly host: string | undefined; readonly tls: string | undefined; readonly user: boolean; readonly password: boolean }
    | undefined;
  readonly webhooks: readonly {
    readonly id: string | undefined;
    readonly url: string | undefined;
    readonly style: string | undefined;
    readonly secret: boolean;
    readonly edit: boolean;
  }[];
  readonly people: readonly {
    readonly name: string | undefined;
    readonly mail: string | undefined;
    readonly channel: string | undefined;
  }[];
};
export type LoosePlaybook = {
  readonly id: string | undefined;
  readonly where: string | undefined;
  readonly parameters: readonly (string | undefined)[];
  readonly by: readonly (string | undefined)[];
};
type Finding = { readonly path: Path; readonly message: string; readonly hint: string };

export function notifyFindings(notify: LooseNotify): Finding[] {
  const found: Finding[] = [];
  const say = (path: Path, message: string, hint: string): void => {
    found.push({ path, message: `${path.join('.')}: ${message}`, hint });
  };
  const { smtp, webhooks, people, publicUrl, employees } = notify;
  if (employees && smtp === undefined) say(['notify', 'employees'], 'mails nobody: there is no mail server', 'add "smtp:"');
  if (employees && !publicUrl)
    say(['notify', 'employees'], 'has no address to send people to', 'add "publicUrl: https://…", the one that people know');
  if (smtp?.tls === 'none' && smtp.host !== undefined && !isLoopback(smtp.host))
    say(['notify', 'smtp', 'tls'], 'would send mail to another machine in the clear', 'use starttls or implicit');
  if (smtp !== undefined && smtp.user !== smtp.password)
    say(['notify', 'smtp'], 'user and password go together', 'give both, or neither for a server that takes mail from this machine');
  const ids = webhooks.map((hook) => hook.id);
  for (const [n, hook] of webhooks.entries()) {
    const at: Path = ['notify', 'webhooks', n];
    if (hook.id !== undefined && ids.indexOf(hook.id) < n)
      say([...at, 'id'], `"${hook.id}" is also the id of an earlier webhook`, 'give each webhook an id of its own');
    if (hook.id === 'mail') say([...at, 'id'], '"mail" is the mail channel', 'choose another id');
    if (hook.url?.startsWith('http://') && URL.canParse(hook.url) && !isLoopback(new URL(hook.url).hostname))
      say([...at, 'url'], 'would be called in the clear', 'use https://');
    if (hook.style !== 'chat' && !hook.secret)
      say(at, 'has no signing secret', 'add "secret: { env: VARIABLE }": without it a receiver cannot tell who calls');
    if (hook.style !== 'chat' && hook.edit) say([...at, 'edit'], 'belongs to style chat', 'remove it, or set "style: chat"');
  }
  const rooms = webhooks.flatMap((hook) => (hook.style === 'chat' && hook.id !== undefined ? [hook.id] : []));
  for (const [n, { mail, channel }] of people.entries()) {
    const at: Path = ['notify', 'people', n];
    if (channel !== undefined && channel !== 'mail' && !rooms.includes(channel))
      say(
        [...at, 'channel'],
        `there is no chat webhook "${channel.slice(0, 60)}"`,
        didYouMean(channel, ['mail', ...rooms]) ?? 'name the id of a webhook with style chat',
      );
    if (mail !== undefined && !isMailbox(mail)) say([...at, 'mail'], 'is not a mail address', 'write it as name@example.test');
  }
  return found;
}

/** With `passkeys`, whoever is no approver of the file may be a member; a name that is nearly one of the file is a slip. */
export function playbookFindings(
  playbooks: readonly LoosePlaybook[],
  approvers: readonly (string | undefined)[],
  passkeys: boolean,
): Finding[] {
  const found: Finding[] = [];
  const say = (path: Path, message: string, hint: string): void => {
    found.push({ path, message: `${path.join('.')}: ${message}`, hint });
  };
  const ids = playbooks.map((p) => p.id);
  for (const [n, { id, where, parameters, by }] of playbooks.entries()) {
    const at: Path = ['playbooks', n];
    if (id !== undefined && ids.indexOf(id) < n)
      say([...at, 'id'], `"${id}" is also the id of an earlier playbook`, 'give each playbook an id of its own');
    for (const [k, name] of by.entries()) {
      if (name === undefined || approvers.includes(name)) continue;
      const near = didYouMean(
        name,
        approvers.filter((a) => a !== undefined),
      );
      if (near !== undefined || !passkeys)
        say([...at, 'preApproved', 'by', k], `there is no approver "${name.slice(0, 60)}"`, near ?? 'name people of "approvers"');
    }
    if (where === undefined) continue;
    try {
      const used: readonly string[] = parametersIn(where);
      for (const name of used)
        if (!parameters.includes(name)) say([...at, 'where'], `$${name} is not among the parameters`, `add ${name} to "parameters"`);
      for (const [k, name] of parameters.entries())
        if (name !== undefined && !used.includes(name))
          say(
            [...at, 'parameters', k],
            `${name} is not used in "where"`,
            `write $${name} there, or remove it here: it would be sent and change nothing`,
          );
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      say([...at, 'where'], (error.message.split('\n')[0] ?? '').trim(), error.hint ?? 'see the selector language in the documentation');
    }
  }
  return found;
}
