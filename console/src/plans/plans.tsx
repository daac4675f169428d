// Plans.
import { Screen } from '../shell/screen.tsx';

export const screen = () => <Screen title="Plans">{null}</Screen>;
