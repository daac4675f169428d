// Evidence.
import { Screen } from '../shell/screen.tsx';

export const screen = () => <Screen title="Evidence">{null}</Screen>;
