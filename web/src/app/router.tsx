import { createHashHistory, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { ErrorState } from "@/components/ErrorState";
import { PageLoading } from "@/components/PageLoading";
import { runSearch } from "@/pages/run/search";
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
  component: lazyRouteComponent(() => import("@/pages/runs/RunsPage"), "RunsPage"),
});

const run = createRoute({
  getParentRoute: () => rootRoute,
  path: "/runs/$runId",
  validateSearch: runSearch,
  component: lazyRouteComponent(() => import("@/pages/run/RunPage"), "RunPage"),
});

const pipelines = createRoute({
  getParentRoute: () => rootRoute,
  path: "/pipelines",
  component: lazyRouteComponent(() => import("@/pages/pipelines/PipelinesPage"), "PipelinesPage"),
});

const models = createRoute({
  getParentRoute: () => rootRoute,
  path: "/models",
  component: lazyRouteComponent(() => import("@/pages/models/ModelsPage"), "ModelsPage"),
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([index, runs, run, pipelines, models, ...kfpRoutes]),
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
