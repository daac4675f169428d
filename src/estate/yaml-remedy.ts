// The YAML reader's findings in the words of someone who edits the file, each with what to do. Its own messages quote the text, so none is shown.
import type { ProblemDetail } from '../domain/problem.ts';

const remedies: Readonly<Record<string, readonly [message: string, hint: string]>> = {
  TAB_AS_INDENT: ['a tab is used to indent', 'replace the tab by spaces: YAML does not allow tabs here'],
  MULTIPLE_DOCS: ['a second document starts here', 'remove the line "---": one estate file holds one estate'],
  BLOCK_AS_IMPLICIT_KEY: [
    'a second "key:" stands on one line, or the line is indented under a value',
    'put it on a line of its own, or quote the text that contains ": "',
  ],
  MULTILINE_IMPLICIT_KEY: ['a key runs over several lines', 'check the indentation of this line and the one below'],
  BAD_INDENT: ['the indentation does not fit, or a bracket is not closed', 'line the key up with its neighbours and close every [ and {'],
  MISSING_CHAR: ['something is missing here, often a closing quote or a comma', 'close the quote, or put the comma or the space'],
  BAD_SCALAR_START: ['a text starts with a character that YAML keeps for itself', 'put the text into quotes'],
  BAD_ALIAS: ['a text starts with * or & but is no alias', 'put the text into quotes'],
  BAD_DQ_ESCAPE: ['an escape in a double-quoted text is unknown', 'use single quotes, where a backslash is just a backslash'],
  UNEXPECTED_TOKEN: [
    'this does not continue what the lines above began',
    'check the indentation of this line; a list item starts with "- ", a key ends with ": "',
  ],
  TAG_RESOLVE_FAILED: ['a tag (!something) is used', 'remove the tag: estate files use plain values only'],
  BAD_DIRECTIVE: ['a directive (%something) is used', 'remove the line'],
};

export function yamlRemedy(code: string, near: string): Omit<ProblemDetail, 'place'> {
  if (code === 'DUPLICATE_KEY') {
    const key = /^["']?([\w.-]+)/.exec(near)?.[1] ?? 'a key';
    return { message: `${key}: stands here for the second time`, hint: 'keep one of the two: the second would silently replace the first' };
  }
  const known = remedies[code];
  return known
    ? { message: known[0], hint: known[1] }
    : { message: `is not valid YAML (${code})`, hint: 'compare this line with the ones around it: indentation, quotes, brackets' };
}
