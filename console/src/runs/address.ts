// What the address of a run's page says: which items, of which state, wave, system and error, and which one is open.
import { useNavigate, useSearch } from '@tanstack/react-router';

const names = ['view', 'state', 'wave', 'system', 'text', 'error', 'item'] as const;
export type RunAddress = Readonly<Partial<Record<(typeof names)[number], string>>>;

export function useRunAddress(): readonly [
  RunAddress,
  (change: { readonly [Name in (typeof names)[number]]?: string | undefined }) => void,
] {
  const search: Record<string, unknown> = useSearch({ strict: false });
  const navigate = useNavigate();
  const address = Object.fromEntries(
    names.flatMap((name) => {
      const value = search[name];
      return typeof value === 'string' || typeof value === 'number' ? [[name, String(value)]] : [];
    }),
  ) as RunAddress; // only names of the list
  const go = (change: { readonly [name: string]: string | undefined }): void => {
    void navigate({
      to: '.',
      search: (before: Record<string, unknown>) =>
        Object.fromEntries(Object.entries({ ...before, ...change }).filter(([, value]) => value !== undefined && value !== '')),
      replace: true,
      resetScroll: false,
    });
  };
  return [address, go];
}

export const filterNames = ['state', 'wave', 'system', 'text', 'error'] as const;
export const isFiltered = (address: RunAddress): boolean => filterNames.some((name) => address[name] !== undefined);
export const noFilter = Object.fromEntries(filterNames.map((name) => [name, undefined]));
