// PAM's files as stacks of modules, includes followed. What is not understood is left out: nothing here is a promise about a login.

/** Text of each file by its name under /etc/pam.d. */
export type PamFiles = ReadonlyMap<string, string>;
export type PamModule = { readonly control: string; readonly module: string; readonly args: readonly string[] };
type PamType = 'auth' | 'account' | 'password' | 'session';

export function stackOf(files: PamFiles, service: string, type: PamType, depth = 0): PamModule[] {
  // A file that includes itself is a mistake of the host, not an endless loop of ours.
  if (depth > 8) return [];
  const lines = (files.get(service) ?? '').replaceAll('\\\n', ' ').split('\n');
  return lines.flatMap((line) => {
    const text = line.replace(/#.*$/, '').trim();
    const whole = /^@include\s+(\S+)$/.exec(text);
    if (whole?.[1] !== undefined) return stackOf(files, whole[1], type, depth + 1);
    const found = /^-?(auth|account|password|session)\s+(\[[^\]]*\]|\S+)\s+(\S+)\s*(.*)$/.exec(text);
    if (found === null || found[1] !== type) return [];
    const [, , control = '', module = '', args = ''] = found;
    if (control === 'include' || control === 'substack') return stackOf(files, module, type, depth + 1);
    return [{ control, module: module.replace(/^.*\//, ''), args: args.split(/\s+/).filter((arg) => arg !== '') }];
  });
}

/** `minlen=12` among the arguments of a module. */
export function numberArg({ args }: PamModule, key: string): number | undefined {
  const text = args.find((arg) => arg.startsWith(`${key}=`))?.slice(key.length + 1);
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined;
}

/** `key = value` (pwquality.conf, faillock.conf) or `KEY value` (login.defs). */
export function setting(text: string | undefined, key: string): string | undefined {
  for (const line of (text ?? '').split('\n')) {
    const found = /^\s*([A-Za-z_]+)(?:\s*=\s*|\s+)(\S+)\s*(#.*)?$/.exec(line);
    if (found?.[1] === key) return found[2];
  }
  return undefined;
}

export function numberSetting(text: string | undefined, key: string): number | undefined {
  const value = setting(text, key);
  return value !== undefined && /^-?\d+$/.test(value) ? Number(value) : undefined;
}
