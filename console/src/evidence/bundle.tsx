// Bundle.
import { Screen } from '../shell/screen.tsx';

export const screen = () => <Screen title="Bundle">{null}</Screen>;
