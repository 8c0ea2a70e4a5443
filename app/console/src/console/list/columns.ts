import type { TableProps } from "@cloudscape-design/components/table";

/** A column of a list, with the field that the service sorts it by, if it can. */
export type Column<Row, Field> = Omit<TableProps.ColumnDefinition<Row>, "header" | "sortingField"> & {
  id: string;
  header: string;
  field?: Field;
};
