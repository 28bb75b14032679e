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

export const kfpRoutes = [runDetails] as const;
