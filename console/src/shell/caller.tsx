// Who is signed in, how the page looks, and the way out.
import { Button, Menu, Text, useMantineColorScheme } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useSession } from '../sign-in/session.ts';
import { signOut } from '../sign-in/sign-out.ts';
import css from './shell.module.css';

const schemes = [
  { value: 'auto', label: 'As the system has it' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
] as const;

export function CallerMenu({ openKeys }: { readonly openKeys: () => void }) {
  const { data: session } = useSession();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const navigate = useNavigate();
  const leaving = useMutation({ mutationFn: signOut });
  const member = session?.member;
  if (member === null || member === undefined) return null;
  return (
    <Menu position="bottom-end" width={240} withinPortal>
      <Menu.Target>
        <Button variant="subtle" size="compact-md" color="gray" className={css.caller} px={4}>
          {member.name}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {member.name}
          <Text size="xs">
            {member.roles.join(', ') || 'no role'} in {session?.estate}
          </Text>
        </Menu.Label>
        <Menu.Divider />
        <Menu.Label>Colours</Menu.Label>
        {schemes.map(({ value, label }) => (
          <Menu.Item
            key={value}
            role="menuitemradio"
            aria-checked={colorScheme === value}
            onClick={() => setColorScheme(value)}
            rightSection={colorScheme === value ? <span aria-hidden="true">✓</span> : null}
          >
            {label}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={() => void navigate({ to: '/wallboard' })}>Wallboard</Menu.Item>
        <Menu.Item onClick={openKeys}>Keys</Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={() => leaving.mutate()}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
