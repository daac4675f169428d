// Runs.
import { Screen } from '../shell/screen.tsx';

export const screen = () => <Screen title="Runs">{null}</Screen>;
