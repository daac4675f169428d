// Settings.
import { Screen } from '../shell/screen.tsx';

export const screen = () => <Screen title="Settings">{null}</Screen>;
