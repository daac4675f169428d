// Colours that reach 4.5:1 on their ground in both schemes; a state always has a word beside its colour.
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

const teal: MantineColorsTuple = [
  '#e6f6f7',
  '#cfe8eb',
  '#a0d1d7',
  '#6db9c2',
  '#46a4af',
  '#2d97a3',
  '#1a818d',
  '#0b6b76',
  '#075a64',
  '#004750',
];

export const theme = createTheme({
  primaryColor: 'teal',
  primaryShade: { light: 7, dark: 7 },
  colors: { teal },
  fontFamily: 'system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "DejaVu Sans Mono", Consolas, monospace',
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
  autoContrast: true,
});

/** Semantic colours: one name per meaning, two values per scheme. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--rk-good': '#17663a',
    '--rk-warn': '#8a5300',
    '--rk-bad': '#b3261e',
    '--rk-calm': '#3f5862',
    '--rk-focus': '#0b6b76',
    '--mantine-color-dimmed': '#55626a',
    '--mantine-color-placeholder': '#5f6b73',
    '--mantine-color-error': '#b3261e',
  },
  dark: {
    '--rk-good': '#7fd6a2',
    '--rk-warn': '#f0b968',
    '--rk-bad': '#ff9d94',
    '--rk-calm': '#a9bcc5',
    '--rk-focus': '#6db9c2',
    '--mantine-color-dimmed': '#a3adb3',
    '--mantine-color-placeholder': '#9aa4ab',
    '--mantine-color-error': '#ff9d94',
  },
});
