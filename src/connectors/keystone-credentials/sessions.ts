// Tokens got with a credential before it was deleted. Nobody can list them; those of an EC2 key live on, so their life is stated as what
// is left.
import { type Capabilities, done, type Io, type Session } from '../../kit/kit.ts';

const tokens: Session = { id: 'tokens', startedAt: new Date(0), from: 'tokens got with an EC2 key', own: false };

/** `seconds` 0: the service ends them with the credential. */
export function sessions(seconds: number, io: Io): Capabilities['sessions'] {
  return {
    list: async () => done(seconds > 0 ? [tokens] : []),
    async end(_, before) {
      const left = seconds * 1000 - Math.max(0, io.now().getTime() - before.getTime());
      return done(left > 0 ? { ended: 0, left: 1, residualMs: left } : { ended: 0, left: 0 });
    },
  };
}
