// Completion scripts for three shells out of one tree of words. Only command and flag names: nothing here asks the estate.
export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];
export type Word = { readonly name: string; readonly summary: string; readonly flags: readonly string[]; readonly words: readonly Word[] };

export function completionScript(shell: Shell, words: readonly Word[]): string {
  switch (shell) {
    case 'bash':
      return bash(words);
    case 'zsh':
      return zsh(words);
    case 'fish':
      return fish(words);
  }
}

/** Path of words → what may follow it. */
function* places(words: readonly Word[]): Generator<{ path: string; next: readonly string[] }> {
  for (const word of words) {
    yield { path: word.name, next: [...word.words.map((sub) => sub.name), ...word.flags] };
    for (const sub of word.words) yield { path: `${word.name} ${sub.name}`, next: sub.flags };
  }
}

function bash(words: readonly Word[]): string {
  const cases = [...places(words)].map(({ path, next }) => `    '${path}') words='${next.join(' ')}' ;;`);
  return `# bash completion for rekey
_rekey() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" words='${words.map((w) => w.name).join(' ')}' path='' w i
  for ((i = 1; i < COMP_CWORD && i < 3; i++)); do
    w="\${COMP_WORDS[i]}"
    [[ "$w" == -* ]] && break
    path="\${path:+$path }$w"
  done
  case "$path" in
${cases.join('\n')}
    '') ;;
    *) case "\${path%% *}" in
${words.map((w) => `      '${w.name}') words='${w.flags.join(' ')}' ;;`).join('\n')}
      *) words='' ;;
      esac ;;
  esac
  COMPREPLY=()
  while IFS= read -r w; do COMPREPLY+=("$w"); done < <(compgen -W "$words" -- "$cur")
  if [[ \${#COMPREPLY[@]} -eq 0 ]]; then compopt -o default 2>/dev/null; fi
}
complete -F _rekey rekey
`;
}

function zsh(words: readonly Word[]): string {
  const quoted = (text: string) => text.replaceAll("'", "'\\''").replaceAll(':', '\\:');
  const cases = [...places(words)].map(({ path, next }) => `    '${path}') compadd -- ${next.join(' ')} ;;`);
  return `#compdef rekey
_rekey() {
  local place="\${words[2]}"
  if (( CURRENT == 2 )); then
    local -a commands=(${words.map((w) => `'${w.name}:${quoted(w.summary)}'`).join(' ')})
    _describe 'command' commands
    return
  fi
  (( CURRENT > 3 )) && [[ "\${words[3]}" != -* ]] && place="$place \${words[3]}"
  case "$place" in
${cases.join('\n')}
  esac
  _files
}
if [ "$funcstack[1]" = _rekey ]; then _rekey "$@"; else compdef _rekey rekey; fi
`;
}

function fish(words: readonly Word[]): string {
  const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = ['# fish completion for rekey'];
  const flag = (condition: string, name: string) =>
    name.startsWith('--') ? [`complete -c rekey -n ${quoted(condition)} -l ${name.slice(2)}`] : [];
  for (const word of words) {
    lines.push(`complete -c rekey -f -n __fish_use_subcommand -a ${word.name} -d ${quoted(word.summary)}`);
    const inside = `__fish_seen_subcommand_from ${word.name}`;
    for (const sub of word.words) {
      lines.push(`complete -c rekey -f -n ${quoted(inside)} -a ${sub.name} -d ${quoted(sub.summary)}`);
      lines.push(...sub.flags.flatMap((name) => flag(`${inside}; and __fish_seen_subcommand_from ${sub.name}`, name)));
    }
    lines.push(...word.flags.flatMap((name) => flag(inside, name)));
  }
  return `${lines.join('\n')}\n`;
}
