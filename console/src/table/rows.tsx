// A table that stays one on a wide screen and becomes one card per row on a narrow one: nothing is cut off and nothing scrolls sideways.
import type { ReactNode } from 'react';
import css from './rows.module.css';

export type Column<Row> = {
  readonly name: string;
  readonly cell: (row: Row) => ReactNode;
  readonly numeric?: boolean;
  /** The cell that names the row. */
  readonly heads?: boolean;
};

export function Rows<Row>({
  caption,
  columns,
  rows,
  keyOf,
  foot,
}: {
  /** Read aloud, not shown: the heading above says it already. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly foot?: Row;
}) {
  const line = (row: Row) =>
    columns.map(({ name, cell, numeric, heads }) => {
      const shared = { 'data-name': name, ...(numeric === true ? { className: css.numeric } : {}) };
      return heads === true ? (
        <th key={name} scope="row" {...shared}>
          <span>{cell(row)}</span>
        </th>
      ) : (
        <td key={name} {...shared}>
          <span>{cell(row)}</span>
        </td>
      );
    });
  return (
    <table className={css.rows}>
      <caption className={css.caption}>{caption}</caption>
      <thead>
        <tr>
          {columns.map(({ name, numeric }) => (
            <th key={name} scope="col" {...(numeric === true ? { className: css.numeric } : {})}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)}>{line(row)}</tr>
        ))}
      </tbody>
      {foot === undefined ? null : (
        <tfoot>
          <tr>{line(foot)}</tr>
        </tfoot>
      )}
    </table>
  );
}
