// Ends every call of the store in time: a hanging network file system must not hang a run.
import { type Io, indeterminate, type Outcome } from '../../kit/kit.ts';

/** After an abort, work that can still say what happened gets this long to say it. */
const graceMs = 100;

export function bounded<T>(io: Io, work: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      io.signal.removeEventListener('abort', aborted);
    };
    const giveUp = (target: string) => (): void => {
      end();
      resolve(indeterminate('unreachable', 'the file system did not answer in time', { target }));
    };
    const aborted = (): void => {
      clearTimeout(timer);
      timer = setTimeout(giveUp('ABORTED'), graceMs);
    };
    let timer = setTimeout(giveUp('ETIMEDOUT'), io.timeoutMs);
    io.signal.addEventListener('abort', aborted, { once: true });
    work().then(resolve, reject).finally(end);
  });
}
