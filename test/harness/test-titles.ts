// The names of the tests of one file, read from its source: what a name claimed elsewhere is looked up in. Skipped tests have none.
import ts from 'typescript';

/** `parts`: the literal pieces between placeholders; one piece = a plain name. `raw`: as written, with its placeholders. */
type Title = { readonly raw: string; readonly parts: readonly string[] };
export type TestFile = { readonly titles: readonly Title[]; readonly situations: ReadonlySet<string>; readonly source: string };

const callers = new Set(['test', 'it']);
const silenced = new Set(['skip', 'todo', 'fails']);

export function readTests(source: string, file = 'x.test.ts'): TestFile {
  const titles: Title[] = [];
  const situations = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && calls(node.expression)) {
      const title = titleOf(node.arguments[0]);
      if (title !== undefined) titles.push(title);
    }
    if (ts.isPropertyAssignment(node) && nameOf(node.name) === 'situations' && ts.isObjectLiteralExpression(node.initializer))
      for (const name of keysOf(node.initializer)) situations.add(name);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, source, ts.ScriptTarget.ESNext, false, ts.ScriptKind.TS));
  return { titles, situations, source };
}

/** What stands in a placeholder must stand in the file as well: a table's row that was taken out takes its name with it. */
export function hasTest({ titles, source }: TestFile, name: string): boolean {
  return titles.some(({ raw, parts }) => {
    if (parts.length === 1 || raw === name) return raw === name;
    const filled = new RegExp(`^${parts.map(literally).join('([^]+?)')}$`).exec(name);
    return filled?.slice(1).every((piece) => source.includes(piece)) === true && parts.join('').trim().length > 3;
  });
}

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** `test(`, `it.each(…)(`, `test.skipIf(…)(`; not `test.skip(`. */
function calls(callee: ts.Expression): boolean {
  if (ts.isIdentifier(callee)) return callers.has(callee.text);
  if (ts.isPropertyAccessExpression(callee)) return !silenced.has(callee.name.text) && calls(callee.expression);
  if (ts.isCallExpression(callee)) return calls(callee.expression);
  return ts.isTaggedTemplateExpression(callee) && calls(callee.tag);
}

function titleOf(argument: ts.Expression | undefined): Title | undefined {
  if (argument === undefined) return undefined;
  if (ts.isStringLiteralLike(argument)) return { raw: argument.text, parts: argument.text.split(/%[a-z]|\$[A-Za-z]\w*/) };
  if (!ts.isTemplateExpression(argument)) return undefined;
  const parts = [argument.head.text, ...argument.templateSpans.map(({ literal }) => literal.text)];
  return { raw: parts.join('…'), parts };
}

/** Also those of `...(condition ? { … } : {})`. */
function keysOf(object: ts.ObjectLiteralExpression): string[] {
  return object.properties.flatMap((property) => {
    if (property.name !== undefined) return [nameOf(property.name)];
    const spread: string[] = [];
    const find = (node: ts.Node): void => {
      if (ts.isObjectLiteralExpression(node)) spread.push(...keysOf(node));
      else ts.forEachChild(node, find);
    };
    if (ts.isSpreadAssignment(property)) find(property.expression);
    return spread;
  });
}

const nameOf = (name: ts.PropertyName): string => (ts.isIdentifier(name) || ts.isStringLiteralLike(name) ? name.text : '');
