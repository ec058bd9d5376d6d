/**
 * Tables that turn into cards on a phone (style/tables.css). Browsers drop a table's meaning once its display changes, so the roles
 * are written out; each cell repeats its column's name for the card.
 */
import type { ComponentChildren } from 'preact';

interface TableProps {
  readonly columns: readonly string[];
  /** Id of the heading that names the table. */
  readonly labelledBy: string;
  readonly class?: string;
  /** `Row` elements. */
  readonly children: ComponentChildren;
}

export function Table({ columns, labelledBy, class: className = 'rows', children }: TableProps) {
  return (
    <table class={className} role="table" aria-labelledby={labelledBy}>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <th key={column} role="columnheader" scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">{children}</tbody>
    </table>
  );
}

export function Row({ id, children }: { readonly id?: string; readonly children: ComponentChildren }) {
  return (
    <tr role="row" id={id}>
      {children}
    </tr>
  );
}

/** The cell that names its row. */
export function RowHead({ children }: { readonly children: ComponentChildren }) {
  return (
    <th role="rowheader" scope="row">
      {children}
    </th>
  );
}

interface CellProps {
  /** Name of the column. */
  readonly label: string;
  readonly class?: string;
  readonly children: ComponentChildren;
}

export function Cell({ label, class: className, children }: CellProps) {
  return (
    <td role="cell" data-label={label} class={className}>
      <div>{children}</div>
    </td>
  );
}
