// Who is told: nobody is asked about their own plan, nobody is paged for progress, and everybody who asked hears the answer.
import { describe, expect, it } from 'vitest';
import { outsideEvents } from '../domain/outside-event.ts';
import { audienceOf } from './audience.ts';
import type { Event, PlanFacts } from './port.ts';

const plan: PlanFacts = {
  id: 'P-7K3QX2MA',
  name: 'evict',
  reason: 'leak',
  incident: 'INC-42',
  createdBy: 'olga',
  expiresAt: new Date('2026-11-22T12:00:00Z'),
  tier0: false,
  work: 12,
  run: { id: 'R-7K3QX2MA', startedBy: 'olga' },
  counts: { complete: 12 },
  endedBefore: null,
};
const event = (kind: Event['kind'], detail: Event['detail'] = {}): Event => ({
  key: '1',
  at: new Date('2026-11-21T12:00:00Z'),
  kind,
  plan: plan.id,
  run: kind.startsWith('plan') ? null : 'R-7K3QX2MA',
  detail,
});
const open = { needed: 2, given: [], able: ['alice', 'bob'] };

describe('audience', () => {
  it('those who still may approve are asked at once, with a deadline, and the author is not', () => {
    const { tell } = audienceOf(event('plan.made', { by: 'olga' }), plan, open);
    expect(tell.map(({ person, ask, urgent, kind }) => [person, ask, urgent, kind])).toEqual([
      ['alice', true, true, 'decision'],
      ['bob', true, true, 'decision'],
    ]);
    expect(tell[0]?.body.until).toBe('2026-11-22T12:00:00.000Z');
  });

  it('nobody is asked about a plan that changes nothing or needs nobody', () => {
    expect(audienceOf(event('plan.made'), { ...plan, work: 0 }, open).tell).toEqual([]);
    expect(audienceOf(event('plan.made'), plan, { needed: 0, given: [], able: [] }).tell).toEqual([]);
  });

  it('the last approval tells the requester and takes back the asks of all others', () => {
    const done = audienceOf(event('plan.approved', { by: 'alice' }), plan, { needed: 1, given: ['alice'], able: ['bob'] });
    expect(done.tell).toMatchObject([{ person: 'olga', kind: 'decision', urgent: true }]);
    expect(done.withdraw?.still).toEqual([]);
    const half = audienceOf(event('plan.approved', { by: 'alice' }), plan, { needed: 2, given: ['alice'], able: ['bob'] });
    expect(half.withdraw?.still).toEqual(['bob']);
    expect(half.tell).toMatchObject([{ person: 'olga', kind: 'progress', urgent: false }]);
  });

  it('a plan that expires unapproved is told to who asked for it', () => {
    expect(audienceOf(event('plan.expired'), plan, open).tell).toMatchObject([{ person: 'olga', kind: 'decision' }]);
  });

  it('people are paged only for a decision, a stop, doubt and the end', () => {
    const paged = outsideEvents.filter((kind) => audienceOf(event(kind, { by: 'guardrail' }), plan, open).tell.some((t) => t.urgent));
    expect(paged).toEqual([
      'plan.made',
      'plan.refused',
      'plan.expired',
      'run.paused',
      'run.aborted',
      'run.complete',
      'run.residual',
      'run.incomplete',
      'run.unknown',
      'system.halted',
    ]);
  });

  it('whoever paused a run is not told that it is paused, and a proof held again that ends as before is no news', () => {
    expect(audienceOf(event('run.paused', { by: 'olga' }), plan, open).tell).toEqual([]);
    const again = audienceOf(event('run.complete'), { ...plan, endedBefore: 'run.complete' }, open);
    expect(again.tell.every((t) => !t.urgent)).toBe(true);
    expect(audienceOf(event('run.incomplete'), { ...plan, endedBefore: 'run.complete' }, open).tell.every((t) => t.urgent)).toBe(true);
  });
});
