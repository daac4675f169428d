// What the rules of a user ("-@all +get +acl|setuser") come to for the commands that matter here.

/** Rules are taken in their order, and the last word counts. */
function mayRun(rules: string, command: string, categories: readonly string[]): boolean {
  const words = [command, command.split('|')[0], '@all', ...categories];
  let may = false;
  for (const rule of rules.toLowerCase().split(/\s+/)) {
    if (words.includes(rule.slice(1)) && /^[+-]/.test(rule)) may = rule.startsWith('+');
  }
  return may;
}

const admin = ['@admin', '@dangerous', '@slow'];

/** Each of these makes its holder master of the server. */
const strong: readonly string[] = ['acl|setuser', 'acl|load', 'config|set', 'module|load', 'debug', 'replicaof', 'slaveof'];

export const isPrivileged = (rules: string): boolean => strong.some((command) => mayRun(rules, command, admin));

/** What the connector runs, with the categories that grant it. */
const needed: readonly (readonly [command: string, ...categories: string[]])[] = [
  ['acl|setuser', ...admin],
  ['acl|getuser', ...admin],
  ['acl|users', ...admin],
  ['acl|save', ...admin],
  ['acl|log', ...admin],
  ['client|list', ...admin, '@connection'],
  ['client|kill', ...admin, '@connection'],
  ['client|id', '@slow', '@connection'],
  ['config|get', ...admin],
  ['config|rewrite', ...admin],
  ['info', '@slow', '@dangerous'],
  ['time', '@fast'],
];

/** Commands the connector needs and these rules do not grant. */
export const lackingRights = (rules: string): string[] =>
  needed.filter(([command, ...categories]) => !mayRun(rules, command, categories)).map(([command]) => command);
