// Wallboard.
import { Screen } from '../shell/screen.tsx';

export const screen = () => <Screen title="Wallboard">{null}</Screen>;
