import { MantineProvider } from "@mantine/core";
import { render, screen, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { beforeAll, expect, it, vi } from "vitest";
import { DataTable, useSelection, type Column } from "./DataTable";

interface Row {
  id: string;
  name: string;
}

const COLUMNS: Column<Row>[] = [
  { id: "name", header: "Name", sort: "name", cell: (row) => <a href={`#${row.id}`}>{row.name}</a> },
  { id: "id", header: "Id", cell: (row) => row.id },
];
const ROWS = [
  { id: "1", name: "first" },
  { id: "2", name: "second" },
];

// jsdom lays nothing out: without a height no row would be in sight.
beforeAll(() => {
  Object.defineProperty(Element.prototype, "clientHeight", { configurable: true, value: 800 });
  Object.defineProperty(Element.prototype, "clientWidth", { configurable: true, value: 1_000 });
});

function shown(props: Partial<React.ComponentProps<typeof DataTable<Row>>> = {}) {
  function Shown() {
    const selection = useSelection((id) => ROWS.find((row) => row.id === id)?.name ?? id);
    return <DataTable<Row> label="Things" columns={COLUMNS} rows={ROWS} idOf={(row) => row.id} selection={selection} {...props} />;
  }
  render(<Shown />, { wrapper: ({ children }) => <MantineProvider>{children}</MantineProvider> });
}

it("sorts by a column, greatest first, then the other way", async () => {
  const onSort = vi.fn<(sort: string) => void>();
  shown({ sort: "-name", onSort });

  await userEvent.click(screen.getByRole("button", { name: "Name" }));

  expect(screen.getByRole("columnheader", { name: "Name" }).getAttribute("aria-sort")).toBe("descending");
  expect(onSort.mock.calls).toEqual([["name"]]);
});

it("has no button where a column cannot be sorted", () => {
  shown({ onSort: () => undefined });

  expect(within(screen.getByRole("columnheader", { name: "Id" })).queryByRole("button")).toBeNull();
});

it("opens a row that is clicked, but not by its link or its box", async () => {
  const onOpen = vi.fn<(row: Row) => void>();
  shown({ onOpen });

  await userEvent.click(screen.getByRole("link", { name: "first" }));
  await userEvent.click(screen.getByRole("checkbox", { name: "Select first" }));
  await userEvent.click(screen.getByRole("cell", { name: "2" }));

  expect(onOpen.mock.calls).toEqual([[ROWS[1]]]);
});

it("marks what is selected, and forgets it at the second click", async () => {
  shown();
  const box = () => screen.getByRole("checkbox", { name: "Select second" });

  await userEvent.click(box());
  const once = box().closest("tr")?.getAttribute("aria-selected");
  await userEvent.click(box());

  expect([once, box().closest("tr")?.getAttribute("aria-selected")]).toEqual(["true", "false"]);
});

it("keeps ten thousand rows out of the page", () => {
  const rows = Array.from({ length: 10_000 }, (_, index) => ({ id: String(index), name: `row ${index}` }));
  shown({ rows });

  const shownRows = screen.getAllByRole("row").length;
  expect([shownRows > 15, shownRows < 100]).toEqual([true, true]);
});
