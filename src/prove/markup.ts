// HTML from untrusted names: text can never become markup, and characters that turn or hide text are shown as what they are.

/** Markup that was built here; plain strings are always escaped. */
export type Html = { readonly html: string };
type Part = string | number | Html | null | undefined | readonly Part[];

/** Template tag: `${text}` is escaped, `${html}` is not, arrays are joined, null is nothing. */
export function markup(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { html: strings.map((text, i) => text + (i < parts.length ? render(parts[i]) : '')).join('') };
}

function render(part: Part): string {
  if (part === null || part === undefined) return '';
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part));
  if (isList(part)) return part.map(render).join('');
  return part.html;
}

// Array.isArray does not narrow readonly arrays
const isList = (part: Part): part is readonly Part[] => Array.isArray(part);

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '`': '&#96;' };
// controls, line separators, zero-width and bidirectional characters: with them a name can look like another or turn the line around
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

function escaped(text: string): string {
  return text
    .replace(unseen, (c) => `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`)
    .replace(/[&<>"'`]/g, (c) => entities[c] ?? '');
}
