// System.
import { Screen } from '../shell/screen.tsx';

export const screen = () => <Screen title="System">{null}</Screen>;
