// The server's log: one JSON line per event on stderr, of fields that are on a list, without a control character and without a secret in any form.
import { pino } from 'pino';

export type LogFields = {
  readonly requestId?: string;
  readonly method?: string;
  /** The template, never the address that was asked: that may hold names. */
  readonly route?: string;
  readonly status?: number;
  readonly ms?: number;
  readonly caller?: string;
  readonly from?: string;
  readonly code?: string;
  readonly detail?: string;
  readonly url?: string;
  readonly version?: string;
  readonly estate?: string;
};
/** Stable: alerts are written on them. */
export type LogEvent =
  | 'server.listening'
  | 'metrics.listening'
  | 'server.stopping'
  | 'server.stopped'
  | 'tls.reloaded'
  | 'tls.refused'
  | 'request'
  | 'request.refused'
  | 'error.unexpected';
export type Level = 'info' | 'warn' | 'error';
export type Log = (level: Level, event: LogEvent, fields?: LogFields) => void;

const listed = ['requestId', 'method', 'route', 'status', 'ms', 'caller', 'from', 'code', 'detail', 'url', 'version', 'estate'] as const;
/** A field longer than this is somebody's attempt to fill the disk. */
const longest = 500;

export function openLog(write: (line: string) => void, scrub: (text: string) => string, from: Level = 'info'): Log {
  const lines = pino(
    {
      base: null,
      level: from,
      messageKey: 'event',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    { write: (line: string) => write(escaped(line)) },
  );
  const clean = (value: string | number): string | number => (typeof value === 'number' ? value : scrub(value).slice(0, longest));
  return (level, event, fields = {}) => {
    const known = listed.flatMap((name) => (fields[name] === undefined ? [] : [[name, clean(fields[name])]]));
    lines[level](Object.fromEntries(known), event);
  };
}

/** JSON escapes C0; DEL, C1, bidi and zero-width characters are left to the terminal that shows the log, and it would obey them. */
function escaped(line: string): string {
  const end = line.endsWith('\n') ? '\n' : '';
  return (
    line
      .slice(0, line.length - end.length)
      .replace(
        /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
        (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
      ) + end
  );
}
