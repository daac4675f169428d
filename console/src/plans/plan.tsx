// Plan.
import { Screen } from '../shell/screen.tsx';

export const screen = () => <Screen title="Plan">{null}</Screen>;
