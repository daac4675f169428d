// A secret for eyes and ears: in groups that are copied as one text, and spelled by words for who hears it or reads it to themselves.

const words =
  'Alfa Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliett Kilo Lima Mike November Oscar Papa Quebec Romeo Sierra Tango Uniform Victor Whiskey X-ray Yankee Zulu'.split(
    ' ',
  );
const digits = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const signs: Readonly<Record<string, string>> = {
  ' ': 'space',
  '!': 'exclamation mark',
  '"': 'double quote',
  '#': 'number sign',
  $: 'dollar sign',
  '%': 'percent sign',
  '&': 'and sign',
  "'": 'single quote',
  '(': 'round bracket open',
  ')': 'round bracket close',
  '*': 'star',
  '+': 'plus',
  ',': 'comma',
  '-': 'minus',
  '.': 'dot',
  '/': 'slash',
  ':': 'colon',
  ';': 'semicolon',
  '<': 'less than',
  '=': 'equals',
  '>': 'greater than',
  '?': 'question mark',
  '@': 'at sign',
  '[': 'square bracket open',
  '\\': 'backslash',
  ']': 'square bracket close',
  '^': 'caret',
  _: 'underscore',
  '`': 'backtick',
  '{': 'curly bracket open',
  '|': 'upright bar',
  '}': 'curly bracket close',
  '~': 'tilde',
};

/** Longer values, and those of several lines, are keys and files: nobody types them. */
const longestTyped = 64;
export function isTyped(secret: string): boolean {
  return secret.length <= longestTyped && !/[\r\n]/.test(secret);
}

/** Four at a time: what people hold in mind while they type. */
export function groupsOf(secret: string): readonly string[] {
  const letters = [...secret];
  return Array.from({ length: Math.ceil(letters.length / 4) }, (_, n) => letters.slice(4 * n, 4 * n + 4).join(''));
}

export function spelled(secret: string): readonly string[] {
  return [...secret].map((letter) => {
    const n = letter.toLowerCase().charCodeAt(0) - 97;
    const word = words[n];
    if (/^[A-Za-z]$/.test(letter) && word !== undefined)
      return `${letter === letter.toLowerCase() ? 'small' : 'capital'} ${letter}, ${word}`;
    if (/^\d$/.test(letter)) return `${letter}, ${digits[Number(letter)] ?? ''}`;
    const sign = signs[letter];
    if (sign !== undefined) return `${letter} ${sign}`;
    return `${letter} (sign number ${letter.codePointAt(0)?.toString(16) ?? ''})`;
  });
}
