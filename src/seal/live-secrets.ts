// The values that are in use in this process, so that a text on its way out can be searched for them in every form they travel in.

/** Shorter ones stand in ordinary words; a password policy allows none as short. */
const shortest = 6;
/** The newest of this many: a lane holds a few at a time, and each costs every line a search. */
const remembered = 256;

const recent = new Map<string, readonly string[]>();

export function remember(bytes: Uint8Array): void {
  if (bytes.length < shortest || bytes.length > 4096) return;
  const text = Buffer.from(bytes).toString('utf8');
  if (recent.has(text)) return;
  recent.set(text, formsOf(text));
  const [oldest] = recent.size > remembered ? recent.keys() : [];
  if (oldest !== undefined) recent.delete(oldest);
}

/** Plain, in JSON, in a URL, in base64 and base64url at any of the three offsets it may have inside something longer. */
function formsOf(text: string): readonly string[] {
  const bytes = Buffer.from(text);
  const base64 = [0, 1, 2].flatMap((offset) => {
    const padded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    // The characters at both ends depend on what stands beside it.
    const inner = padded.slice(Math.ceil((offset * 8) / 6), (offset + bytes.length) % 3 === 0 ? undefined : -1);
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')];
  });
  const forms = [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text), ...base64, bytes.toString('hex')];
  return [...new Set(forms)].filter((form) => form.length >= shortest);
}

export function scrub(text: string): string {
  let clean = text;
  for (const forms of recent.values()) for (const form of forms) if (clean.includes(form)) clean = clean.replaceAll(form, '[secret]');
  return clean;
}
