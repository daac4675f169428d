// Reads YAML text into a plain value and knows the line and column of every part of it. No input can exhaust the process.
import { type Document, isCollection, parseDocument, visit } from 'yaml';
import type { ProblemDetail } from '../domain/problem.ts';
import { offsetsOf, type Path, placesIn, startOf } from './yaml-places.ts';
import { yamlRemedy } from './yaml-remedy.ts';
import { scanYaml } from './yaml-scan.ts';

export type YamlSource = {
  readonly value: unknown;
  /** Findings of the text itself. `broken`: there is no value whose structure is worth a look. */
  readonly findings: readonly ProblemDetail[];
  readonly broken: boolean;
  /** `file:line:column` of the value at the path, or of the nearest thing around it that exists. */
  placeOf(path: Path): string;
  /** `file:line:column` of the key itself. */
  placeOfKey(path: Path): string;
};

/** A thousand systems are about half of it. */
const maxBytes = 1024 * 1024;
/** Aliases inside aliases multiply: together they may stand for this many uses. */
const maxAliases = 100;

export function readYaml(text: string, file: string): YamlSource {
  const at = placesIn(text, file);
  const broken = (...findings: readonly ProblemDetail[]): YamlSource => ({
    value: undefined,
    findings,
    broken: true,
    placeOf: () => at(0),
    placeOfKey: () => at(0),
  });
  if (Buffer.byteLength(text) > maxBytes)
    return broken({
      place: at(0),
      message: 'the file is larger than 1 MiB',
      hint: 'an estate file holds systems, not accounts: import accounts from CSV',
    });
  const stray = text.search(/[\0\uFFFD]/);
  if (stray >= 0) {
    const message = `the file holds ${text[stray] === '\0' ? 'a NUL character' : 'bytes that are not UTF-8'}`;
    return broken({ place: at(stray), message, hint: 'save the file as plain UTF-8 text' });
  }
  const { deep, open } = scanYaml(text);
  if (deep)
    return broken({
      place: at(deep.offset),
      message: deep.message,
      hint: 'an estate file is about ten levels deep: remove the extra brackets or spaces',
    });

  const document = parseDocument(text, { prettyErrors: false, strict: true, uniqueKeys: true });
  const complaints = [...document.errors, ...document.warnings];
  if (open && complaints.length > 0) {
    const hint = open.what === 'quote' ? 'close the quote on the same line' : 'close the bracket, with a comma between the entries';
    return broken({ place: at(open.offset), message: `a ${open.what} is opened here and never closed`, hint });
  }
  const findings = firstPerLine(
    complaints.map((c) => ({ place: at(c.pos[0]), ...yamlRemedy(c.code, text.slice(c.pos[0], c.pos[0] + 40)) })),
  );
  if (complaints.some((c) => c.code !== 'DUPLICATE_KEY')) return broken(...findings);
  const odd = unusable(document, at);
  if (odd.length > 0) return broken(...findings, ...odd);
  try {
    const value: unknown = document.toJS({ maxAliasCount: maxAliases });
    return {
      value,
      findings,
      broken: false,
      placeOf: (path) => at(offsetsOf(document, path).value),
      placeOfKey: (path) => at(offsetsOf(document, path).key),
    };
  } catch {
    // The one thing toJS throws for once every alias has its anchor: the limit.
    const hint = 'write the values out: aliases inside aliases multiply';
    return broken(...findings, {
      place: at(firstAlias(document)),
      message: `aliases are used more than ${maxAliases} times`,
      hint,
    });
  }
}

/** One slip makes the YAML reader complain several times about one line: the first is the one to mend. */
function firstPerLine(found: readonly (ProblemDetail & { readonly place: string })[]): ProblemDetail[] {
  const line = (d: { readonly place: string }) => d.place.replace(/:\d+$/, '');
  return found.filter((d, n) => found.findIndex((other) => line(other) === line(d)) === n);
}

type Unusable = ProblemDetail & { readonly place: string };

/** Aliases without their anchor, and keys that are no plain text (the reader would turn `{{ name }}` into a key and print it). */
function unusable(document: Document, at: (offset: number) => string): Unusable[] {
  const found: Unusable[] = [];
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document) !== undefined) return;
      const hint = `write &${alias.source} before the value it stands for, or write the value again`;
      found.push({ place: at(startOf(alias) ?? 0), message: `*${alias.source} names no anchor above it`, hint });
    },
    Pair(_key, pair) {
      if (!isCollection(pair.key)) return;
      found.push({
        place: at(startOf(pair.key) ?? 0),
        message: 'a key is a list or a block',
        hint: 'write a plain word before the colon; templates such as {{ name }} are not filled in here',
      });
    },
  });
  return found;
}

function firstAlias(document: Document): number {
  let offset = 0;
  visit(document, {
    Alias(_key, alias) {
      offset = startOf(alias) ?? 0;
      return visit.BREAK;
    },
  });
  return offset;
}
