// What the palette offers for some typed words: screens and actions at once, runs, plans, systems and accounts as the server finds them.
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { api, got } from '../api/client.ts';
import { useSession } from '../sign-in/session.ts';
import { screens } from './screens.ts';

export type Entry = {
  readonly key: string;
  readonly group: string;
  readonly name: string;
  readonly detail?: string;
  readonly go: () => void;
};

/** More than a screenful is a list, and lists have their own page. */
const perGroup = 6;
const glob = (words: string): string => `name ~ "*${words.replaceAll(/["\\*]/g, '?')}*"`;

/** What the page knows follows each key, so that Enter never takes an entry of fewer words; `asked` is what the server is asked, once the typing rests. */
export function useEntries(
  typed: string,
  asked: string,
  actions: readonly Entry[],
): { readonly entries: readonly Entry[]; readonly asking: boolean } {
  const navigate = useNavigate();
  const permissions: Readonly<Record<string, unknown>> = useSession().data?.permissions ?? {};
  const words = typed.trim();
  const rested = asked.trim() === words;
  const fits = (text: string): boolean => text.toLowerCase().includes(words.toLowerCase());
  const runs = useQuery({
    queryKey: ['runs', 'palette'],
    enabled: permissions['run.read'] !== undefined,
    queryFn: ({ signal }) => got(api.GET('/v1/runs', { params: { query: { limit: 10 } }, signal })),
  });
  const plans = useQuery({
    queryKey: ['plans', 'palette'],
    enabled: permissions['plan.read'] !== undefined,
    queryFn: ({ signal }) => got(api.GET('/v1/plans', { params: { query: { limit: 20 } }, signal })),
  });
  const systems = useQuery({
    // The systems' own screen asks for the same, and an estate has no more of them than fit into one answer.
    queryKey: ['systems'],
    enabled: words.length >= 2 && permissions['estate.read'] !== undefined,
    queryFn: ({ signal }) => got(api.GET('/v1/systems', { signal })),
  });
  const accounts = useQuery({
    queryKey: ['accounts', 'palette', words],
    enabled: rested && words.length >= 2 && permissions['estate.read'] !== undefined,
    queryFn: ({ signal }) => got(api.GET('/v1/accounts', { params: { query: { where: glob(words), limit: perGroup } }, signal })),
  });
  const entries: Entry[] = [
    ...screens
      .filter(({ needs }) => needs === undefined || permissions[needs] !== undefined)
      .map(({ to, name }) => ({ key: to, group: 'Screens', name, go: () => void navigate({ to }) }))
      .filter(({ name }) => fits(name)),
    ...actions.filter(({ name }) => fits(name)),
    ...(runs.data?.items ?? [])
      .filter(({ id, plan, state }) => fits(`run ${id} ${plan} ${state}`))
      .slice(0, perGroup)
      .map(({ id, state, startedBy }) => ({
        key: id,
        group: 'Runs',
        name: id,
        detail: `${state}, started by ${startedBy}`,
        go: () => void navigate({ to: '/runs/$run', params: { run: id } }),
      })),
    ...(plans.data?.items ?? [])
      .filter(({ id, name, where }) => fits(`plan ${id} ${name} ${where}`))
      .slice(0, perGroup)
      .map(({ id, name, where }) => ({
        key: id,
        group: 'Plans',
        name: `${id} ${name}`,
        detail: where,
        go: () => void navigate({ to: '/plans/$plan', params: { plan: id } }),
      })),
    ...(words.length < 2 ? [] : (systems.data?.items ?? []))
      .filter(({ system, connector, title }) => fits(`${system} ${connector} ${title}`))
      .slice(0, perGroup)
      .map(({ system, title, trouble }) => ({
        key: system,
        group: 'Systems',
        name: system,
        detail: trouble === null ? title : 'in trouble',
        go: () => void navigate({ to: '/systems/$system', params: { system } }),
      })),
    ...(rested ? (accounts.data?.items ?? []) : []).map(({ system, account, kind }) => ({
      key: `${system}/${account}`,
      group: 'Accounts',
      name: `${system}/${account}`,
      detail: kind,
      go: () => void navigate({ to: '/accounts', search: { where: `system = ${system} and name = "${account}"` } }),
    })),
  ];
  return { entries, asking: !rested || accounts.isFetching || systems.isFetching };
}
