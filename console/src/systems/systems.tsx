// Systems.
import { Screen } from '../shell/screen.tsx';

export const screen = () => <Screen title="Systems">{null}</Screen>;
