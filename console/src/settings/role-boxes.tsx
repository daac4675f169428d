// The roles of one person as boxes to tick, each with what it is for.
import { Checkbox, Stack } from '@mantine/core';
import { type Role, roleNames, roleWords } from './roles.ts';

export function RoleBoxes({ value, change }: { readonly value: readonly Role[]; readonly change: (roles: Role[]) => void }) {
  return (
    <Checkbox.Group label="Roles" value={[...value]} onChange={(names) => change(roleNames.filter((role) => names.includes(role)))}>
      <Stack gap={6} mt={4}>
        {roleNames.map((role) => (
          <Checkbox key={role} value={role} label={role} description={roleWords[role]} />
        ))}
      </Stack>
    </Checkbox.Group>
  );
}
