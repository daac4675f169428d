// Ends every call on the file in time: a network file system that hangs must not hang a run.
import { type Io, indeterminate, type Outcome } from '../../kit/kit.ts';

/** After the time or a stop, work that can still say what happened gets this long to say it. */
const graceMs = 200;

export function bounded<T>(io: Pick<Io, 'timeoutMs' | 'signal'>, work: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
  return new Promise((resolve, reject) => {
    const giveUp = (target: string): void => {
      end();
      resolve(indeterminate('unreachable', 'the file system did not answer in time', { target }));
    };
    const aborted = (): void => {
      clearTimeout(timer);
      timer = setTimeout(giveUp, graceMs, 'ABORTED');
    };
    const end = (): void => {
      clearTimeout(timer);
      io.signal.removeEventListener('abort', aborted);
    };
    let timer = setTimeout(giveUp, io.timeoutMs + graceMs, 'ETIMEDOUT');
    io.signal.addEventListener('abort', aborted, { once: true });
    if (io.signal.aborted) aborted();
    work().then(resolve, reject).finally(end);
  });
}
