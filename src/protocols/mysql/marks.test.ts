// Dating sessions by their numbers: never later than they can have begun.
import { expect, test } from 'vitest';
import { Marks } from './marks.ts';

const at = (second: number): Date => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
const boot = at(0);

test('a session is as old as the last mark it is above, or as the server', () => {
  const marks = new Marks();
  expect(marks.startOf(7, boot)).toEqual(boot);
  marks.note(at(10), 7);
  marks.note(at(20), 9);
  marks.note(at(30), 9);
  expect([5, 7].map((id) => marks.startOf(id, boot))).toEqual([boot, boot]);
  expect([8, 9].map((id) => marks.startOf(id, boot))).toEqual([at(10), at(10)]);
  expect(marks.startOf(10, boot)).toEqual(at(30));
});

test('an answer that comes late moves nothing back', () => {
  const marks = new Marks();
  marks.note(at(20), 9);
  marks.note(at(10), 7);
  marks.note(at(10), 11);
  expect(marks.startOf(8, boot)).toEqual(boot);
  expect(marks.startOf(10, boot)).toEqual(at(20));
});

test('the highest number may fall when its connection ends: a session above it is newer all the same', () => {
  const marks = new Marks();
  marks.note(at(10), 700);
  marks.note(at(20), 3);
  expect(marks.startOf(701, boot)).toEqual(at(20));
  expect(marks.startOf(5, boot)).toEqual(at(20));
  expect(marks.startOf(3, boot)).toEqual(boot);
});

test('after a restart of the server nothing is older than the server', () => {
  const marks = new Marks();
  marks.note(at(10), 3);
  expect(marks.startOf(5, at(15))).toEqual(at(15));
});

test('the start of the server does not wander between two readings of an uptime in whole seconds', () => {
  const marks = new Marks();
  const first = marks.upSince(new Date(100_900), 50);
  expect(marks.upSince(new Date(101_100), 50)).toEqual(first);
  expect(marks.upSince(new Date(300_000), 10).getTime()).toBe(289_000);
});
