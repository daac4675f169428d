// Settings: who may do what here, with what they sign in, what was done about it, and what this server stands on. Each part has an address.
import { Tabs } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ComponentType, lazy, Suspense } from 'react';
import { Screen } from '../shell/screen.tsx';
import { useSession } from '../sign-in/session.ts';
import { Waiting } from '../words/waiting.tsx';

type Part = { readonly id: string; readonly name: string; readonly needs: string | undefined; readonly shown: ComponentType };

const parts: readonly Part[] = [
  { id: 'members', name: 'Members', needs: 'member.read', shown: lazy(async () => ({ default: (await import('./members.tsx')).Members })) },
  {
    id: 'passkeys',
    name: 'My passkeys',
    needs: undefined,
    shown: lazy(async () => ({ default: (await import('./passkeys.tsx')).Passkeys })),
  },
  { id: 'sessions', name: 'Sessions', needs: undefined, shown: lazy(async () => ({ default: (await import('./sessions.tsx')).Sessions })) },
  { id: 'tokens', name: 'API tokens', needs: undefined, shown: lazy(async () => ({ default: (await import('./tokens.tsx')).Tokens })) },
  { id: 'audit', name: 'Audit', needs: 'audit.read', shown: lazy(async () => ({ default: (await import('./audit.tsx')).Audit })) },
  {
    id: 'notices',
    name: 'Notices',
    needs: 'notice.read',
    shown: lazy(async () => ({ default: (await import('./notices.tsx')).Notices })),
  },
  {
    id: 'playbooks',
    name: 'Playbooks',
    needs: 'plan.read',
    shown: lazy(async () => ({ default: (await import('./playbooks.tsx')).Playbooks })),
  },
  {
    id: 'estate',
    name: 'Estate file',
    needs: 'estate.read',
    shown: lazy(async () => ({ default: (await import('./estate-file.tsx')).EstateFile })),
  },
  { id: 'server', name: 'Server', needs: 'estate.read', shown: lazy(async () => ({ default: (await import('./server.tsx')).Server })) },
];

function Settings() {
  const { permissions = {} } = useSession().data ?? {};
  const { tab } = useSearch({ strict: false }) as { tab?: unknown }; // any address; what it says is checked
  const navigate = useNavigate();
  const offered = parts.filter(({ needs }) => needs === undefined || permissions[needs] !== undefined);
  const current = offered.find(({ id }) => id === tab) ?? offered[0];
  if (current === undefined) return <Screen title="Settings">{null}</Screen>;
  return (
    <Screen title="Settings">
      <Tabs
        value={current.id}
        keepMounted={false}
        onChange={(id) => id !== null && void navigate({ to: '/settings', search: { tab: id } })}
      >
        <Tabs.List aria-label="Parts of the settings" mb="md">
          {offered.map(({ id, name }) => (
            <Tabs.Tab key={id} value={id}>
              {name}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={current.id}>
          <Suspense fallback={<Waiting />}>
            <current.shown />
          </Suspense>
        </Tabs.Panel>
      </Tabs>
    </Screen>
  );
}

export { Settings as screen };
