// A plan as people read it: by wave, system and action, never a secret or a length of one; what can go wrong stands last, above the prompt.
import type { PlanItemView, PlanView, ReasonCount } from '../domain/view.ts';
import type { Colors } from './cli.ts';
import { confirmationOf } from './confirmation.ts';
import { counted, duration, number, table, time } from './words.ts';

/** More equal lines than this are one line with a count; in a plan that would fill screens, much sooner. */
const mostLines = 20;
const mostLinesOfMany = 3;
const many = 200;
const symbols = { rotate: '~', contain: '-', 'by-hand': '☐', blocked: '!', skip: '=' } as const;

/** `items` left out: counts only (a plan of a million is not listed unless asked for). */
export function planText(plan: PlanView, items: readonly PlanItemView[] | undefined, c: Colors, full: boolean): string {
  return [...header(plan, c), ...waves(plan, items, c, full), ...summary(plan, c), ...risks(plan, c), ''].join('\n');
}

function header(plan: PlanView, { bold }: Colors): string[] {
  const rows = [
    ['plan', `${plan.id}  ${plan.name}`],
    ['where', plan.where],
    ['reason', plan.incident === null ? plan.reason : `${plan.reason} (${plan.incident})`],
    ['mode', `${plan.mode}${plan.rollback ? ', rollback of failed consumers allowed' : ''}`],
    ['made', `${time(plan.createdAt)} by ${plan.createdBy}, expires ${time(plan.expiresAt)}`],
    ['hash', plan.hash],
  ];
  return [bold(`Plan ${plan.name} of estate ${plan.estate}`), ...table(rows).map((line) => `  ${line}`), ''];
}

function waves(plan: PlanView, items: readonly PlanItemView[] | undefined, c: Colors, full: boolean): string[] {
  const lines: string[] = [];
  const most = full ? Number.POSITIVE_INFINITY : (items?.length ?? 0) > many ? mostLinesOfMany : mostLines;
  for (const wave of plan.waves) {
    if (wave.byHand > 0) {
      const tasks = items?.filter((item) => item.wave === wave.n && item.action === 'by-hand');
      lines.push(`${c.bold(`Wave ${wave.n} ${wave.name}`)}: ${counted(wave.byHand, 'task')} for people; the run does not wait for them`);
      lines.push(...(tasks === undefined ? [] : tasksOf(tasks, c, most)));
      continue;
    }
    lines.push(
      `${c.bold(`Wave ${wave.n} ${wave.name}`)}: ${counted(wave.items, 'credential')}, ${wave.mode}, about ${duration(wave.seconds)}`,
    );
    const own = items?.filter((item) => item.wave === wave.n && (item.action === 'rotate' || item.action === 'contain'));
    for (const system of wave.systems) {
      lines.push(`  ${system.system}: ${number(system.items)}, about ${duration(system.seconds)}`);
      if (own !== undefined)
        lines.push(
          ...actions(
            own.filter((item) => item.system === system.system),
            c,
            most,
          ),
        );
    }
  }
  const rest = items?.filter((item) => item.action === 'blocked' || item.action === 'skip') ?? [];
  if (rest.length > 0) {
    lines.push(c.bold('Not in any wave'));
    for (const system of new Set(rest.map((item) => item.system))) {
      lines.push(
        `  ${system}:`,
        ...actions(
          rest.filter((item) => item.system === system),
          c,
          most,
        ),
      );
    }
  }
  if (lines.length > 0) lines.push('');
  return lines;
}

/** Whoever does it reads the instruction here: it is never shortened. */
function tasksOf(tasks: readonly PlanItemView[], c: Colors, most: number): string[] {
  const shown = tasks.slice(0, most);
  const more = tasks.length - shown.length;
  return [
    ...shown.flatMap((item) => [
      `    ${c.yellow(symbols['by-hand'])} ${item.system}/${item.account}  tier ${item.tier}  ${item.owner ?? 'no owner'}`,
      `        do: ${item.byHand ?? ''}`,
    ]),
    ...(more > 0 ? [`    ${c.yellow(symbols['by-hand'])} ${number(more)} more (--full lists them)`] : []),
  ];
}

function actions(items: readonly PlanItemView[], c: Colors, most: number): string[] {
  const lines: string[] = [];
  for (const action of ['rotate', 'contain', 'blocked', 'skip'] as const) {
    const same = items.filter((item) => item.action === action);
    const paint = action === 'blocked' ? c.red : action === 'skip' ? c.dim : c.yellow;
    if (same.length > most) {
      const consumers = same.reduce((sum, item) => sum + item.consumers, 0);
      lines.push(
        `    ${paint(symbols[action])} ${action} ${number(same.length)}${consumers > 0 ? `, ↻ ${counted(consumers, 'consumer')}` : ''} (--full lists them)`,
      );
    } else {
      const rows = table(same.map((item) => [item.account, ...facts(item)]));
      lines.push(...rows.map((row) => `    ${paint(symbols[action])} ${row}`));
    }
  }
  return lines;
}

function facts(item: PlanItemView): string[] {
  return [
    `tier ${item.tier}`,
    item.kind,
    item.owner ?? 'no owner',
    [
      item.consumers > 0 ? `↻ ${counted(item.consumers, 'consumer')}` : '',
      item.oldKnown || item.action === 'blocked' || item.action === 'skip' ? '' : '? old secret unknown',
      item.reason ?? '',
    ]
      .filter((part) => part !== '')
      .join('  '),
  ];
}

function summary({ totals: t, waves, predicted, people }: PlanView, { bold }: Colors): string[] {
  return [
    bold(
      `Plan: ${number(t.rotate)} to rotate, ${number(t.contain)} to contain, ${t.byHand > 0 ? `${number(t.byHand)} by hand, ` : ''}${number(t.blocked)} blocked, ${number(t.skipped)} skipped in ${counted(waves.length, 'wave')}.`,
    ),
    `  tier 0: ${number(t.tier0)} · consumers: ${number(t.consumers)} (${number(t.unknownConsumers)} unknown) · old secret known: ${number(t.oldKnown)} of ${number(t.selected)}${people.count > 0 ? ` · people: ${number(people.count)}` : ''}`,
    `  takes about ${duration(predicted.seconds)} (${duration(predicted.low)} to ${duration(predicted.high)})`,
    '',
  ];
}

function risks(plan: PlanView, c: Colors): string[] {
  const lines = [...reasons(c.red(c.bold('! BLOCKED')), plan.blockers), ...reasons(c.yellow(c.bold('? NOT COVERED')), plan.notCovered)];
  for (const { name, systems, form, accounts, order } of plan.sync)
    lines.push(
      `sync ${name}: ${counted(accounts, 'account')} with one value for each person; ${form === null ? 'no value fits all of it' : `${form.length} characters`}; ${order}`,
      ...systems.map(
        ({ system, takes, policy }) => `    ${system}: ${takes === 'value' ? policy : 'makes its own value, and counts for the verdict'}`,
      ),
    );
  for (const warning of plan.warnings) lines.push(`${c.yellow('warning:')} ${warning}`);
  if (plan.totals.tier0 > 0) lines.push(`${c.red('TIER 0:')} ${counted(plan.totals.tier0, 'credential')} of the control plane`);
  const { needed, given } = plan.approvals;
  lines.push(`approvals: ${given.length} of ${needed}${given.length > 0 ? ` (${given.map((a) => a.name).join(', ')})` : ''}`);
  const confirm = confirmationOf(plan);
  if (confirm !== null) lines.push(`must be confirmed as: ${confirm}`);
  return lines;
}

function reasons(title: string, list: readonly ReasonCount[]): string[] {
  return list.flatMap(({ reason, count, sample, hint }) => [
    `${title} ${number(count)}: ${reason}${sample.length > 0 ? ` (${sample.slice(0, 3).join(', ')}${count > Math.min(3, sample.length) ? ', …' : ''})` : ''}`,
    `    next: ${hint}`,
  ]);
}

/** What to do with this plan now. */
export function nextForPlan(plan: PlanView): string {
  if (plan.totals.rotate + plan.totals.contain + plan.totals.byHand === 0)
    return plan.totals.blocked > 0 ? (plan.blockers[0]?.hint ?? 'rekey doctor') : 'nothing to do';
  if (plan.approvals.given.length < plan.approvals.needed) return `rekey approve ${plan.id} --as NAME --key FILE`;
  return `rekey apply ${plan.id}`;
}
