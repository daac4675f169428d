// Who is signed in, what they may do, and how one may sign in here. Asked once; every screen reads this one answer.
import { useQuery } from '@tanstack/react-query';
import { keepCsrf, type Schemas } from '../api/client.ts';
import { Refusal } from '../api/refusal.ts';
import { ask } from './ask.ts';

export type Reach = 'all' | 'own';
export type Session = Schemas['Session'];

export const sessionKey = ['session'] as const;

async function readSession(): Promise<Session> {
  try {
    const session = await ask<Session>('GET', '/v1/session');
    keepCsrf(session.csrf ?? '');
    return session;
  } catch (error) {
    if (import.meta.env.DEV && error instanceof Refusal && error.status === 404) return viaSocket();
    throw error;
  }
}

/** The development server stands before the socket of an opened estate, whose callers may do everything. No built console has this. */
async function viaSocket(): Promise<Session> {
  const about = await ask<{ estate: string; demo: boolean; version: string; caller: { name: string } }>('GET', '/v1/about');
  const all = new Proxy<Session['permissions']>({}, { get: () => 'all' });
  const { estate, demo, version, caller } = about;
  return {
    signedIn: true,
    member: { id: caller.name, name: caller.name, email: null, roles: [] },
    permissions: all,
    csrf: null,
    freshUntil: null,
    estate,
    demo,
    version,
    bootstrap: false,
    oidc: null,
  };
}

export function useSession() {
  return useQuery({ queryKey: sessionKey, queryFn: readSession, staleTime: Number.POSITIVE_INFINITY, gcTime: Number.POSITIVE_INFINITY });
}

/** What the caller may do about it: everything, their own, or nothing (undefined: the button is not shown, or says why). */
export function useMay(permission: string): Reach | undefined {
  const held: Readonly<Record<string, Reach>> = useSession().data?.permissions ?? {};
  return held[permission];
}
