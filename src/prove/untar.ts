// Reads a tar archive in memory: plain files by their last name, everything else left out. Nothing is written anywhere.

const block = 512;

/** Throws with a sentence when the bytes are no tar archive, or one that was cut short. */
export function untar(archive: Uint8Array<ArrayBuffer>): Map<string, Uint8Array<ArrayBuffer>> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (let at = 0; at + block <= archive.length; ) {
    const header = archive.subarray(at, at + block);
    if (header.every((byte) => byte === 0)) return files;
    if (!sumFits(header)) throw new Error('this is not a tar archive');
    const size = octal(header, 124, 12);
    const type = String.fromCharCode(header[156] ?? 0);
    const begin = at + block;
    if (begin + size > archive.length) throw new Error('this archive was cut short');
    // '0' and NUL are plain files; folders, links and pax headers hold nothing that a bundle has.
    if (type === '0' || type === '\0') {
      const name = text(header, 0, 100).split('/').at(-1) ?? '';
      if (files.has(name)) throw new Error(`this archive has ${name} twice`);
      files.set(name, archive.slice(begin, begin + size));
    }
    at = begin + Math.ceil(size / block) * block;
  }
  if (files.size === 0) throw new Error('this is not a tar archive');
  return files;
}

/** The header's own sum, counted as if its field held spaces. */
function sumFits(header: Uint8Array): boolean {
  const sum = header.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 0x20 : byte), 0);
  return sum === octal(header, 148, 8);
}

function text(bytes: Uint8Array, at: number, length: number): string {
  const field = bytes.subarray(at, at + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

function octal(bytes: Uint8Array, at: number, length: number): number {
  const digits = text(bytes, at, length).trim();
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
}
