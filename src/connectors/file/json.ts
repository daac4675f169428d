// JSON files: finds the value by a pointer and exchanges its text alone; indentation, order and number spelling stay.
import { done, type Outcome, refused } from '../../kit/kit.ts';
import { asBytes, bytewise, eolOf, type Format, fromBytes, noKey, splice, twice } from './format.ts';
import { pointerParts } from './pointer.ts';

type Node = {
  readonly start: number;
  readonly end: number;
  readonly kind: 'object' | 'array' | 'scalar';
  readonly members: readonly { readonly name: string; readonly node: Node }[];
};

class NotJson extends Error {
  readonly offset: number;
  constructor(offset: number) {
    super('not JSON');
    this.offset = offset;
  }
}

const blank = /[ \t\r\n]*/y;
const scalar = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const deepest = 200;

/** A scanner of its own: JSON.parse loses offsets, and its error messages quote the file. */
function scan(text: string, from: number, depth = 0): Node {
  const start = past(text, from);
  const open = text[start];
  if (open !== '{' && open !== '[') {
    const end = token(text, scalar, start);
    return { start, end, kind: 'scalar', members: [] };
  }
  if (depth > deepest) throw new NotJson(start);
  const close = open === '{' ? '}' : ']';
  const members: { name: string; node: Node }[] = [];
  let at = past(text, start + 1);
  while (text[at] !== close) {
    if (members.length > 0) {
      if (text[at] !== ',') throw new NotJson(at);
      at = past(text, at + 1);
    }
    let name = String(members.length);
    if (open === '{') {
      if (text[at] !== '"') throw new NotJson(at);
      const end = token(text, scalar, at);
      name = string(text, at, end);
      at = past(text, end);
      if (text[at] !== ':') throw new NotJson(at);
      at++;
    }
    const node = scan(text, at, depth + 1);
    members.push({ name, node });
    at = past(text, node.end);
  }
  return { start, end: at + 1, kind: open === '{' ? 'object' : 'array', members };
}

function past(text: string, at: number): number {
  blank.lastIndex = at;
  blank.test(text);
  return blank.lastIndex;
}

function token(text: string, pattern: RegExp, at: number): number {
  pattern.lastIndex = at;
  if (!pattern.test(text)) throw new NotJson(at);
  return pattern.lastIndex;
}

function string(text: string, start: number, end: number): string {
  try {
    return JSON.parse(fromBytes(text.slice(start, end))) as string;
  } catch {
    throw new NotJson(start);
  }
}

type Place = { readonly parent: Node; readonly node: Node | undefined; readonly name: string };

function locate(text: string, pointer: string): Outcome<Place> {
  const parts = pointerParts(pointer);
  if (parts === undefined) return refused('unsupported', `"${pointer}" is not a JSON pointer: write it like /db/password`);
  try {
    // A byte order mark is kept, not read.
    const root = scan(text, text.startsWith('\xef\xbb\xbf') ? 3 : 0);
    if (past(text, root.end) !== text.length) throw new NotJson(root.end);
    let parent = root;
    for (const [n, name] of parts.entries()) {
      const named = parent.members.filter((member) => member.name === name);
      if (named.length > 1) return twice(pointer);
      const node = named[0]?.node;
      if (n === parts.length - 1) return done({ parent, node, name });
      if (node === undefined) return noKey(pointer);
      parent = node;
    }
    return noKey(pointer);
  } catch (error) {
    if (!(error instanceof NotJson)) throw error;
    return refused('protocol', `the file is not valid JSON at line ${text.slice(0, error.offset).split('\n').length}`);
  }
}

export const json: Format = {
  keySyntax: '#/pointer',
  read(content, pointer) {
    const text = bytewise(content);
    const place = locate(text, pointer);
    if (place.kind !== 'done') return place;
    const { node } = place.value;
    if (node === undefined) return noKey(pointer);
    if (text[node.start] !== '"') return refused('conflict', `the value at ${pointer} is not a string`);
    return done(string(text, node.start, node.end));
  },
  write(content, pointer, value, create) {
    const text = bytewise(content);
    const place = locate(text, pointer);
    if (place.kind !== 'done') return place;
    const { node, parent, name } = place.value;
    const quoted = asBytes(JSON.stringify(value));
    if (node !== undefined) {
      if (node.kind !== 'scalar') return refused('conflict', `the value at ${pointer} is an ${node.kind}, not a string`);
      return splice(text, { start: node.start, end: node.end, text: quoted });
    }
    if (!create || parent.kind !== 'object') return noKey(pointer);
    const member = `${asBytes(JSON.stringify(name))}: ${quoted}`;
    const last = parent.members.at(-1)?.node.end;
    if (last === undefined) return splice(text, { start: parent.start + 1, end: parent.start + 1, text: member });
    const indent = /\n[ \t]*/.exec(text.slice(parent.start + 1))?.[0] ?? ' ';
    return splice(text, { start: last, end: last, text: `,${indent.replace('\n', eolOf(text))}${member}` });
  },
};
