// Now.
import { Screen } from '../shell/screen.tsx';

export const screen = () => <Screen title="Now">{null}</Screen>;
