// Reads one line of an SSH public key as far as needed to know that it is one. A key nobody can sign with would block every plan later.

export type KeyFinding = { readonly message: string; readonly hint: string };

/** Type → how many length-prefixed fields follow its name, and the length of the first where it is fixed. */
const types: Readonly<Record<string, { readonly fields: number; readonly first?: number }>> = {
  'ssh-ed25519': { fields: 1, first: 32 },
  'sk-ssh-ed25519@openssh.com': { fields: 2, first: 32 },
  'ecdsa-sha2-nistp256': { fields: 2, first: 8 },
  'ecdsa-sha2-nistp384': { fields: 2, first: 8 },
  'ecdsa-sha2-nistp521': { fields: 2, first: 8 },
  'sk-ecdsa-sha2-nistp256@openssh.com': { fields: 3, first: 8 },
  'ssh-rsa': { fields: 2 },
};

/** undefined = a well-formed public key. */
export function keyFinding(line: string): KeyFinding | undefined {
  const hint = 'paste the one line of the .pub file, such as ~/.ssh/id_ed25519.pub (make one with ssh-keygen -t ed25519)';
  if (/PRIVATE KEY/.test(line)) return { message: 'is a private key', hint: `${hint}; treat this private key as exposed and replace it` };
  const [type = '', body = ''] = line.trim().split(/\s+/);
  const known = Object.hasOwn(types, type) ? types[type] : undefined;
  if (!known)
    return { message: `expected an SSH public key, got ${type.startsWith('AAAA') ? 'a key without its type' : 'something else'}`, hint };
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(body))
    return {
      message: body === '' ? `${type} is not followed by the key` : 'the key is cut or holds characters that do not belong there',
      hint,
    };
  const fields = lengthPrefixed(Buffer.from(body, 'base64'));
  if (!fields || fields.length !== known.fields + 1) return { message: 'the key is cut: its parts do not add up', hint };
  if (fields[0]?.toString('latin1') !== type) return { message: `the key says it is of another type than ${type}`, hint };
  if (known.first !== undefined && fields[1]?.length !== known.first) return { message: `the key has the wrong length for ${type}`, hint };
  if (type === 'ssh-rsa' && (fields[2]?.length ?? 0) < 256) return { message: 'the RSA key is shorter than 2048 bits', hint };
  return undefined;
}

/** The key itself without its comment: two names with one key are one person. */
export function keyIdentity(line: string): string {
  return line.trim().split(/\s+/).slice(0, 2).join(' ');
}

function lengthPrefixed(bytes: Buffer): Buffer[] | undefined {
  const fields: Buffer[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    if (offset + 4 > bytes.length) return undefined;
    const end = offset + 4 + bytes.readUInt32BE(offset);
    if (end > bytes.length) return undefined;
    fields.push(bytes.subarray(offset + 4, end));
    offset = end;
  }
  return fields;
}
