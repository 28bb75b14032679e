import { Button, Code } from "@mantine/core";
import { IconFilterOff, IconPlayerPlay } from "@tabler/icons-react";
import { BASE } from "@/api/client";
import { EmptyState } from "@/components/EmptyState";
import { TextLink } from "@/components/links";

/** No run, or none that the filter lets through. */
export function NoRuns({ filtered, clear }: { filtered: boolean; clear: () => void }) {
  if (filtered)
    return (
      <EmptyState title="No run matches" icon={<IconFilterOff size={30} stroke={1.6} aria-hidden />}>
        <p>There are runs, but none that all the filters let through.</p>
        <Button variant="default" onClick={clear}>
          Clear the filters
        </Button>
      </EmptyState>
    );
  return (
    <EmptyState title="Nothing has run yet" icon={<IconPlayerPlay size={30} stroke={1.6} aria-hidden />}>
      <p>
        Run a pipeline with the command, with kfp's own client, or from an <TextLink to="/pipelines">uploaded pipeline</TextLink>:
      </p>
      <Code block>{`wherry run my_pipeline.py --param rows=100

import kfp
client = kfp.Client(host="${BASE}")
client.create_run_from_pipeline_func(my_pipeline, arguments={"rows": 100})`}</Code>
    </EmptyState>
  );
}
