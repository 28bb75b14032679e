import { Page } from "@/components/Page";

export function ComparePage() {
  return <Page title="compare">{null}</Page>;
}
