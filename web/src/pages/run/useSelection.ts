import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import type { RunSearch, Tab, View } from "./search";

/** The one selection of a run page, kept in the address. */
export function useSelection() {
  const search: RunSearch = useSearch({ from: "/runs/$runId" });
  const navigate = useNavigate({ from: "/runs/$runId" });
  const change = useCallback(
    (to: (before: RunSearch) => RunSearch, replace: boolean) => void navigate({ search: to, replace }),
    [navigate],
  );
  /** Select a task or a node; what of it is looked at stays, unless said. */
  const select = useCallback(
    (task: string, tab?: Tab) =>
      // Going through tasks leaves no trail: back leads out of the panel.
      change((before) => ({ ...before, task, ...(tab === undefined ? {} : { tab }) }), search.task !== undefined),
    [change, search.task],
  );
  const close = useCallback(() => change(({ view }) => (view === undefined ? {} : { view }), false), [change]);
  const show = useCallback((view: View) => change((before) => ({ ...before, view }), false), [change]);
  const look = useCallback((tab: Tab) => change((before) => ({ ...before, tab }), true), [change]);
  return { search, select, close, show, look };
}
