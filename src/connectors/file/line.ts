// The whole file is the secret (Docker and systemd secrets). A final line break stays as it was.
import { done } from '../../kit/kit.ts';
import { breaksLine, type Format, noLineBreak } from './format.ts';

export const line: Format = {
  keySyntax: '',
  read: (content) => done(content.toString('utf8').replace(/\r?\n$/, '')),
  write(content, _key, value) {
    if (breaksLine(value)) return noLineBreak('line');
    return done(Buffer.from(value + (/\r?\n$/.exec(content.toString('latin1'))?.[0] ?? '')));
  },
};
