// YAML files: the scalar's own text is exchanged, so comments, anchors, order and layout of everything else stay byte for byte.
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments, type Scalar } from 'yaml';
import { done, type Outcome, refused } from '../../kit/kit.ts';
import { type Format, noKey } from './format.ts';
import { pointerParts } from './pointer.ts';

type Opened = { readonly text: string; readonly document: Document.Parsed };

function open(content: Buffer): Outcome<Opened> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    return refused('protocol', 'the file is not UTF-8');
  }
  // Pretty errors quote the file, and the file holds secrets: only code and line are told.
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { prettyErrors: false, lineCounter: lines });
  if (!Array.isArray(documents) || documents.length === 0) return refused('protocol', 'the file is empty');
  if (documents.length > 1) return refused('unsupported', 'the file holds several YAML documents');
  const document = documents[0] as Document.Parsed;
  const [error] = document.errors;
  if (error !== undefined)
    return refused('protocol', `the file is not valid YAML at line ${lines.linePos(error.pos[0]).line} (${error.code})`);
  return done({ text, document });
}

function walk(document: Document.Parsed, pointer: string): Outcome<Node> {
  const parts = pointerParts(pointer);
  if (parts === undefined) return refused('unsupported', `"${pointer}" is not a pointer: write it like /db/password`);
  let node: unknown = document.contents;
  for (const part of parts) {
    if (isAlias(node)) return refused('unsupported', `${pointer} leads through an alias: name the place it stands for`);
    if (isSeq(node)) node = /^\d+$/.test(part) ? node.items[Number(part)] : undefined;
    else if (isMap(node)) node = node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === part)?.value;
    else node = undefined;
    if (node === undefined) return noKey(pointer);
  }
  return node === null ? noKey(pointer) : done(node as Node);
}

function scalarAt(document: Document.Parsed, pointer: string): Outcome<Scalar.Parsed> {
  const node = walk(document, pointer);
  if (node.kind !== 'done') return node;
  if (isAlias(node.value)) return refused('unsupported', `the value at ${pointer} is an alias: name the place it stands for`);
  if (!isScalar(node.value)) return refused('conflict', `the value at ${pointer} is not a string`);
  return done(node.value as Scalar.Parsed);
}

export const yaml: Format = {
  keySyntax: '#/pointer',
  read(content, pointer) {
    const opened = open(content);
    if (opened.kind !== 'done') return opened;
    const scalar = scalarAt(opened.value.document, pointer);
    if (scalar.kind !== 'done') return scalar;
    if (typeof scalar.value.value !== 'string') return refused('conflict', `the value at ${pointer} is not a string`);
    return done(scalar.value.value);
  },
  write(content, pointer, value, create) {
    const opened = open(content);
    if (opened.kind !== 'done') return opened;
    const scalar = scalarAt(opened.value.document, pointer);
    if (scalar.kind === 'done') return exchanged(opened.value.text, scalar.value, value, pointer);
    if (scalar.kind !== 'refused' || scalar.fault.code !== 'not-found' || !create) return scalar;
    return added(opened.value.document, pointer, value);
  },
};

/** A JSON string is a YAML double-quoted scalar, on one line whatever the indentation. */
function exchanged(text: string, scalar: Scalar.Parsed, value: string, pointer: string): Outcome<Buffer> {
  if (scalar.anchor !== undefined) return refused('conflict', `the value at ${pointer} has an anchor: other keys would change with it`);
  if (scalar.tag !== undefined && scalar.tag !== '!' && scalar.tag !== 'tag:yaml.org,2002:str')
    return refused('unsupported', `the value at ${pointer} has a tag`);
  const [start, end] = scalar.range;
  const block = scalar.type === 'BLOCK_LITERAL' || scalar.type === 'BLOCK_FOLDED';
  const eol = block ? (/\r?\n$/.exec(text.slice(start, end))?.[0] ?? '') : '';
  const gap = start === end && !/\s$/.test(text.slice(0, start)) ? ' ' : '';
  return done(Buffer.from(text.slice(0, start) + gap + JSON.stringify(value) + eol + text.slice(end)));
}

/** A new key is set in the document model: comments stay, spacing may be normalised. */
function added(document: Document.Parsed, pointer: string, value: string): Outcome<Buffer> {
  const parts = pointerParts(pointer) as string[];
  const parent = parts.length === 1 ? document.contents : document.getIn(parts.slice(0, -1), true);
  if (!isMap(parent)) return noKey(pointer);
  parent.set(document.createNode(parts.at(-1)), document.createNode(value, { flow: false }));
  return done(Buffer.from(document.toString({ lineWidth: 0 })));
}
