// The eight screens, in the order of an incident, and the key that goes to each after `g`.
export const screens = [
  { to: '/', name: 'Now', key: 'n', needs: 'run.read' },
  { to: '/plans', name: 'Plans', key: 'p', needs: 'plan.read' },
  { to: '/runs', name: 'Runs', key: 'r', needs: 'run.read' },
  { to: '/accounts', name: 'Accounts', key: 'a', needs: 'estate.read' },
  { to: '/systems', name: 'Systems', key: 's', needs: 'estate.read' },
  { to: '/approvals', name: 'Approvals', key: 'v', needs: 'plan.read' },
  { to: '/evidence', name: 'Evidence', key: 'e', needs: 'evidence.read' },
  { to: '/settings', name: 'Settings', key: 't', needs: undefined },
] as const;
