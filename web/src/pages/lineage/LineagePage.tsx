import { Page } from "@/components/Page";

export function LineagePage() {
  return <Page title="lineage">{null}</Page>;
}
