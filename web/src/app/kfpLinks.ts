/** Links that kfp's client and command print (`/#/runs/details/…`) lead to the right page. */
import { createRoute, redirect } from "@tanstack/react-router";
import { rootRoute } from "./root";

const runDetails = createRoute({
  getParentRoute: () => rootRoute,
  path: "/runs/details/$runId",
  beforeLoad: ({ params }) => {
    throw redirect({ to: "/runs/$runId", params: { runId: params.runId }, replace: true });
  },
});

const experimentDetails = createRoute({
  getParentRoute: () => rootRoute,
  path: "/experiments/details/$experimentId",
  beforeLoad: ({ params }) => {
    throw redirect({ to: "/runs", search: { experiment: params.experimentId }, replace: true });
  },
});

const pipelineDetails = createRoute({
  getParentRoute: () => rootRoute,
  path: "/pipelines/details/$pipelineId",
  beforeLoad: ({ params }) => {
    throw redirect({ to: "/pipelines/$pipelineId", params: { pipelineId: params.pipelineId }, search: {}, replace: true });
  },
});

const versionDetails = createRoute({
  getParentRoute: () => rootRoute,
  path: "/pipelines/details/$pipelineId/version/$versionId",
  beforeLoad: ({ params }) => {
    throw redirect({
      to: "/pipelines/$pipelineId",
      params: { pipelineId: params.pipelineId },
      search: { version: params.versionId },
      replace: true,
    });
  },
});

const experiments = createRoute({
  getParentRoute: () => rootRoute,
  path: "/experiments",
  beforeLoad: () => {
    throw redirect({ to: "/runs", replace: true });
  },
});

const archive = createRoute({
  getParentRoute: () => rootRoute,
  path: "/archive/runs",
  beforeLoad: () => {
    throw redirect({ to: "/runs", search: { archived: "only" }, replace: true });
  },
});

export const kfpRoutes = [runDetails, experimentDetails, pipelineDetails, versionDetails, experiments, archive] as const;
