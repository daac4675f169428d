// The way to every screen the caller may read.
import { NavLink } from '@mantine/core';
import { Link, useLocation } from '@tanstack/react-router';
import { useSession } from '../sign-in/session.ts';
import { ApprovalsBadge } from './approvals-badge.tsx';
import { screens } from './screens.ts';

export function Nav({ close }: { readonly close: () => void }) {
  const { pathname } = useLocation();
  const permissions: Readonly<Record<string, unknown>> = useSession().data?.permissions ?? {};
  const shown = screens.filter(({ needs }) => needs === undefined || permissions[needs] !== undefined);
  return (
    <>
      {shown.map(({ to, name }) => {
        const active = to === '/' ? pathname === '/' : pathname.startsWith(to);
        return (
          <NavLink
            key={to}
            component={Link}
            to={to}
            label={name}
            onClick={close}
            active={active}
            aria-current={active ? 'page' : undefined}
            rightSection={name === 'Approvals' ? <ApprovalsBadge /> : null}
          />
        );
      })}
    </>
  );
}
