// The command that does the same as the button beside it, ready to be copied. Words are quoted, so a pasted line does what it says.
import { Button, Code, CopyButton, Group, Text } from '@mantine/core';
import { commandLine } from './shell-word.ts';

export function CliTwin({ words, label = 'The same by command:' }: { readonly words: readonly string[]; readonly label?: string }) {
  const line = commandLine(words);
  return (
    <Group gap="xs" wrap="wrap">
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Code className="twin">{line}</Code>
      <CopyButton value={line} timeout={2000}>
        {({ copied, copy }) => (
          <Button variant="subtle" size="compact-sm" onClick={copy} aria-label={`Copy the command ${line}`}>
            <span aria-live="polite">{copied ? 'copied' : 'copy'}</span>
          </Button>
        )}
      </CopyButton>
    </Group>
  );
}
