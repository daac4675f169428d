// Reads a template before it runs: it may show the declared view, choose and repeat, and nothing else. Every other word is an error with its place.
import { Problem, type ProblemDetail } from '../domain/problem.ts';

/** Each member and what stands behind it; a list's entry describes its elements. */
export type Shape = true | { readonly [member: string]: Shape } | readonly [Shape];

export const letterShape = {
  estate: true,
  demo: true,
  person: true,
  plan: { id: true, name: true, reason: true, incident: true },
  run: true,
  link: true,
  urgent: true,
  items: [{ at: true, headline: true, why: true, can: [true], until: true, urgent: true }],
} as const satisfies Shape;

const words = ['if', 'else', 'for', 'const', 'of', 'true', 'false'];
const signs = ['===', '!==', '&&', '||', '.', ',', '(', ')', '{', '}', ';', '!', '?', ':', '>', '<', '+'];
const token = /\s+|'[^'\\\n]*'|"[^"\\\n]*"|\d+|[A-Za-z_$][\w$]*|===|!==|&&|\|\||[^\s\w]/y;

/** Throws invalid-config with every finding as file:line. */
export function checkTemplate(source: string, file: string, partials: readonly string[]): void {
  const found: ProblemDetail[] = [];
  const scope = new Map<string, Shape>([['it', letterShape]]);
  for (const tag of source.matchAll(/<%[-_]?([=~]?)([\s\S]*?)[-_]?%>/g)) {
    const [whole, kind = '', code = ''] = tag;
    const line = (inside: number): number => source.slice(0, tag.index + whole.indexOf(code) + inside).split('\n').length;
    const say = (inside: number, message: string, hint: string): undefined => {
      found.push({ place: `${file}:${line(inside)}`, message, hint });
    };
    const include = /^\s*include\(\s*'([^']*)'\s*,\s*it\s*\)\s*$/.exec(code);
    if (kind === '~') {
      if (include === null) say(0, 'text is shown without escaping', 'use <%= … %>; <%~ belongs to include(…, it) alone');
      else if (!partials.includes(include[1] ?? '')) say(0, `there is no part "${include[1]}"`, `parts are ${partials.join(', ')}`);
      continue;
    }
    read(code, scope, say);
  }
  if (/<%(?![\s\S]*?%>)/.test(source))
    found.push({
      place: `${file}:${source.slice(0, source.lastIndexOf('<%')).split('\n').length}`,
      message: 'a tag is opened and never closed',
      hint: 'close it with %>',
    });
  const [first] = found;
  if (first !== undefined) throw new Problem('invalid-config', first, found);
}

/** Answers undefined, so that a finding can end the reading. */
type Say = (inside: number, message: string, hint: string) => undefined;

function read(code: string, scope: Map<string, Shape>, say: Say): undefined {
  let shape: Shape | undefined;
  let before = '';
  let declared: string | undefined;
  token.lastIndex = 0;
  for (let at = 0; at < code.length; at = token.lastIndex) {
    const text = token.exec(code)?.[0];
    if (text === undefined)
      return say(at, `"${code[at]}" means nothing in a template`, 'a template shows, chooses and repeats; see docs/notifications.md');
    if (/^\s/.test(text)) continue;
    if (/^[A-Za-z_$]/.test(text)) {
      if (before === '.') shape = memberOf(shape, text, () => say(at, `nothing is called "${text}" here`, `known: ${membersOf(shape)}`));
      else if (before === 'const') {
        declared = text;
        scope.set(text, true);
        shape = undefined;
      } else if (scope.has(text)) shape = scope.get(text);
      else if (words.includes(text)) shape = undefined;
      else say(at, `there is no variable "${text}"`, `known: ${[...scope.keys()].join(', ')}`);
    } else if (/^['"\d]/.test(text)) shape = undefined;
    else {
      if (!signs.includes(text))
        return say(at, `"${text}" is not allowed in a template`, 'a template shows, chooses and repeats; see docs/notifications.md');
      if (text === '(' && /^[A-Za-z_$]/.test(before) && !['if', 'for'].includes(before))
        return say(at, `"${before}" cannot be called`, 'a template calls nothing but include(…, it)');
      // `for (const item of it.items)`: the loop's variable is what the list holds.
      if (text === ')' && declared !== undefined) {
        if (Array.isArray(shape)) scope.set(declared, shape[0] as Shape);
        else say(at, `"${declared}" is taken from something that is no list`, 'lists are it.items and item.can');
        declared = undefined;
      }
    }
    before = text;
  }
}

function memberOf(shape: Shape | undefined, name: string, unknown: () => undefined): Shape | undefined {
  if (Array.isArray(shape) && name === 'length') return true;
  if (typeof shape === 'object' && !Array.isArray(shape) && Object.hasOwn(shape, name))
    return (shape as { readonly [member: string]: Shape })[name];
  unknown();
  return undefined;
}

function membersOf(shape: Shape | undefined): string {
  if (Array.isArray(shape)) return 'length';
  return typeof shape === 'object' ? Object.keys(shape).join(', ') : 'nothing';
}
