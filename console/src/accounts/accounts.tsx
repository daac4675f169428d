// Accounts.
import { Screen } from '../shell/screen.tsx';

export const screen = () => <Screen title="Accounts">{null}</Screen>;
