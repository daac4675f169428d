// Text from people and targets on its way into a message: one line, no control or direction-changing character, of bounded length.

const longest = 300;

/** A line break would begin a header or pose as another line; U+202E would turn a name around. */
export function oneLine(text: string): string {
  const plain = text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]+/gu, ' ').trim();
  return plain.length > longest ? `${plain.slice(0, longest - 1)}…` : plain;
}
