import { Page } from "@/components/Page";

export function PipelinesPage() {
  return <Page title="Pipelines">{null}</Page>;
}
