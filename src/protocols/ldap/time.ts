// Generalized time (RFC 4517): the directory's own spelling of an instant.

/** `undefined` for what is no time, and for values that mark a state (000001010000Z = locked by an administrator). */
export function fromGeneralizedTime(value: string | undefined): Date | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)?(\d\d)?(?:[.,](\d{1,9}))?(Z|[+-]\d{2,4})$/.exec(value ?? '');
  if (parts === null || parts[1] === '0000') return undefined;
  const [, year, month, day, hour, minute = '00', second = '00', fraction = '', zone = 'Z'] = parts as unknown as string[];
  const offset = zone === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(3) || '00'}`;
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.padEnd(3, '0').slice(0, 3)}${offset}`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
