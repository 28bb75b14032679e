import { Page } from "@/components/Page";

export function ArtifactPage() {
  return <Page title="artifact">{null}</Page>;
}
