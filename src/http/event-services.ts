// What the event stream needs of the house.
import type { Changes } from './port.ts';

export interface EventServices {
  readonly changes: Changes;
}
