// Approvals.
import { Screen } from '../shell/screen.tsx';

export const screen = () => <Screen title="Approvals">{null}</Screen>;
