// Addresses of the console: one per screen, filters in the query, each screen loaded when it is first asked for.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { Fault } from './shell/fault.tsx';
import { Lost } from './shell/lost.tsx';
import { Shell } from './shell/shell.tsx';
import { Waiting } from './words/waiting.tsx';

const root = createRootRoute({ component: Shell });
const at = <Path extends string>(path: Path, load: () => Promise<{ screen: React.ComponentType }>) =>
  createRoute({
    getParentRoute: () => root,
    path,
    // Each screen reads and checks its own filters; what it does not know stays in the address untouched.
    validateSearch: (search: Record<string, unknown>): Record<string, unknown> => search,
    component: lazyRouteComponent(load, 'screen'),
  });

export const router = createRouter({
  routeTree: root.addChildren([
    at('/', () => import('./now/now.tsx')),
    at('/plans', () => import('./plans/plans.tsx')),
    at('/plans/new', () => import('./plans/new-plan.tsx')),
    at('/plans/$plan', () => import('./plans/plan.tsx')),
    at('/runs', () => import('./runs/runs.tsx')),
    at('/runs/$run', () => import('./runs/run.tsx')),
    at('/accounts', () => import('./accounts/accounts.tsx')),
    at('/systems', () => import('./systems/systems.tsx')),
    at('/systems/$system', () => import('./systems/system.tsx')),
    at('/approvals', () => import('./approvals/approvals.tsx')),
    at('/approvals/$subject', () => import('./approvals/approval.tsx')),
    at('/evidence', () => import('./evidence/evidence.tsx')),
    at('/evidence/$run', () => import('./evidence/bundle.tsx')),
    at('/settings', () => import('./settings/settings.tsx')),
    at('/join', () => import('./sign-in/joined.tsx')),
    at('/bootstrap', () => import('./sign-in/joined.tsx')),
    at('/wallboard', () => import('./now/wallboard.tsx')),
  ]),
  defaultPreload: 'intent',
  scrollRestoration: true,
  defaultErrorComponent: Fault,
  defaultNotFoundComponent: Lost,
  defaultPendingComponent: Waiting,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
