import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical, type Json } from './json.ts';

describe('canonical JSON', () => {
  it('reads back as the value it was made of, whatever the value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonical(value as Json))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('one value has one text: the order in which members were written does not matter', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
        const turned = Object.fromEntries(Object.entries(object).reverse());
        expect(canonical(turned as Json)).toBe(canonical(object as Json));
      }),
    );
  });

  it('members are sorted by UTF-16 code units and undefined ones are left out', () => {
    expect(canonical({ b: 1, a: [true, null, 'x"'], '\u20ac': 0.5, A: undefined, Z: {} })).toBe(
      '{"Z":{},"a":[true,null,"x\\""],"b":1,"\u20ac":0.5}',
    );
  });

  it('a number that JSON cannot say is refused, not written as null', () => {
    expect(() => canonical({ n: Number.NaN })).toThrow(TypeError);
    expect(() => canonical([Number.POSITIVE_INFINITY])).toThrow(TypeError);
  });
});
