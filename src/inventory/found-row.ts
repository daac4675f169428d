// An account as a connector found it, made storable: no NUL, no impossible date, classified.
import type { Found } from '../kit/capability.ts';
import { classify } from './classify.ts';
import type { FoundRow } from './port.ts';

export function foundRow(found: Found): FoundRow {
  return {
    ...classify(found),
    id: plain(found.id),
    name: plain(found.name),
    locator: found.locator === undefined ? null : plain(found.locator),
    login: found.login === undefined ? null : plain(found.login),
    enabled: found.enabled,
    hint: found.owner?.trim() ? plain(found.owner.trim()) : null,
    changedAt: found.changedAt && Number.isFinite(found.changedAt.getTime()) ? found.changedAt : null,
    facts: {
      ...found.facts,
      ...(found.byHand === undefined ? {} : { byHand: found.byHand }),
      ...(found.generations === undefined ? {} : { generations: found.generations }),
    },
  };
}

const plain = (text: string): string => text.replaceAll('\0', '\uFFFD');
