import { createHashHistory, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { queryClient } from "@/api/queries";
import { runQuery } from "@/api/runs";
import { ErrorState } from "@/components/ErrorState";
import { PageLoading } from "@/components/PageLoading";
import { compareSearch } from "@/pages/compare/search";
import { lineageSearch } from "@/pages/lineage/search";
import { newRunSearch } from "@/pages/new-run/search";
import { pipelineSearch } from "@/pages/pipeline/search";
import { pipelinesSearch } from "@/pages/pipelines/search";
import { runSearch } from "@/pages/run/search";
import { runsSearch } from "@/pages/runs/search";
import { kfpRoutes } from "./kfpLinks";
import { rootRoute } from "./root";

// The place is kept behind `#`: the page works below any path prefix and from any file server, and kfp's printed
// links (`/#/runs/details/…`) arrive here by themselves.

const index = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/runs", replace: true });
  },
});

const runs = createRoute({
  getParentRoute: () => rootRoute,
  path: "/runs",
  validateSearch: runsSearch,
  component: lazyRouteComponent(() => import("@/pages/runs/RunsPage"), "RunsPage"),
});

const run = createRoute({
  getParentRoute: () => rootRoute,
  path: "/runs/$runId",
  validateSearch: runSearch,
  // Asked for while the page's script is on its way; pointing at a link is enough.
  loader: ({ params }) => void queryClient.query(runQuery(params.runId)).catch(() => undefined),
  component: lazyRouteComponent(() => import("@/pages/run/RunPage"), "RunPage"),
});

const newRun = createRoute({
  getParentRoute: () => rootRoute,
  path: "/runs/new",
  validateSearch: newRunSearch,
  component: lazyRouteComponent(() => import("@/pages/new-run/NewRunPage"), "NewRunPage"),
});

const compare = createRoute({
  getParentRoute: () => rootRoute,
  path: "/compare",
  validateSearch: compareSearch,
  component: lazyRouteComponent(() => import("@/pages/compare/ComparePage"), "ComparePage"),
});

const pipelines = createRoute({
  getParentRoute: () => rootRoute,
  path: "/pipelines",
  validateSearch: pipelinesSearch,
  component: lazyRouteComponent(() => import("@/pages/pipelines/PipelinesPage"), "PipelinesPage"),
});

const pipeline = createRoute({
  getParentRoute: () => rootRoute,
  path: "/pipelines/$pipelineId",
  validateSearch: pipelineSearch,
  component: lazyRouteComponent(() => import("@/pages/pipeline/PipelinePage"), "PipelinePage"),
});

const models = createRoute({
  getParentRoute: () => rootRoute,
  path: "/models",
  component: lazyRouteComponent(() => import("@/pages/models/ModelsPage"), "ModelsPage"),
});

const model = createRoute({
  getParentRoute: () => rootRoute,
  path: "/models/$name",
  component: lazyRouteComponent(() => import("@/pages/model/ModelPage"), "ModelPage"),
});

const artifact = createRoute({
  getParentRoute: () => rootRoute,
  path: "/artifacts/$artifactId",
  component: lazyRouteComponent(() => import("@/pages/artifact/ArtifactPage"), "ArtifactPage"),
});

const lineage = createRoute({
  getParentRoute: () => rootRoute,
  path: "/lineage",
  validateSearch: lineageSearch,
  component: lazyRouteComponent(() => import("@/pages/lineage/LineagePage"), "LineagePage"),
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    index, runs, run, newRun, compare, pipelines, pipeline, models, model, artifact, lineage, ...kfpRoutes,
  ]),
  history: createHashHistory(),
  defaultPreload: "intent",
  defaultPendingComponent: PageLoading,
  defaultErrorComponent: ({ error }) => <ErrorState error={error} />,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
