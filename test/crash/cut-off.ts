// A connection and the lanes of a store as a worker sees them through its hands: every call and every record passes them.
import type { Claim, LaneStore } from '../../src/execute/port.ts';
import type { Connection } from '../../src/kit/connector.ts';
import type { Hands } from './hands.ts';

/** Lets so many through at a time. */
export type Gate = <T>(work: () => Promise<T>) => Promise<T>;

export function gateOf(atOnce: number): Gate {
  let free = atOnce;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
}

/** Every method of every capability goes through the hands; whatever else a connection has (a clock's grain, a symbol) is itself. */
export function throughHands(connection: Connection, hands: Hands, gate: Gate): Connection {
  return new Proxy(connection, {
    get: (whole, key) => {
      const capability: unknown = Reflect.get(whole, key);
      return typeof key === 'string' && typeof capability === 'object' && capability !== null ? methods(key, capability) : capability;
    },
  });

  function methods(name: string, capability: object): object {
    return new Proxy(capability, {
      get: (whole, key) => {
        const method: unknown = Reflect.get(whole, key);
        if (typeof method !== 'function') return method;
        return (...args: readonly unknown[]) =>
          gate(() => hands.call(`${name}.${String(key)}`, args, async (given) => Reflect.apply(method, whole, [...given])));
      },
    });
  }
}

export function lanesThroughHands(
  inner: LaneStore,
  handsOn: (system: string) => Hands,
  systemOf: (lane: string) => Promise<string>,
): LaneStore {
  const of = (claim: Claim) => handsOn(claim.system).lanes(inner);
  return {
    ...inner,
    claim: async (lane, owner) => {
      const hands = handsOn(await systemOf(lane));
      return hands.dead ? undefined : hands.lanes(inner).claim(lane, owner);
    },
    commit: (transition) => of(transition.claim).commit(transition),
    beat: (claim) => of(claim).beat(claim),
    park: (claim, reason) => of(claim).park(claim, reason),
    finish: (claim, ...rest) => of(claim).finish(claim, ...rest),
    note: (claim, ...rest) => of(claim).note(claim, ...rest),
  };
}
