// Run.
import { Screen } from '../shell/screen.tsx';

export const screen = () => <Screen title="Run">{null}</Screen>;
