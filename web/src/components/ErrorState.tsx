import { Button } from "@mantine/core";
import { IconPlugConnectedX, IconZoomQuestion, IconAlertTriangle, IconLock } from "@tabler/icons-react";
import { ApiError } from "@/api/client";
import { EmptyState } from "./EmptyState";

/** A page or a part of it could not be shown: what happened, and what to do. */
export function ErrorState({ error, retry }: { error: unknown; retry?: () => void }) {
  const { title, Icon, advice } = described(error);
  return (
    <div role="alert">
      <EmptyState title={title} icon={<Icon size={30} stroke={1.6} aria-hidden />}>
        <p>{error instanceof Error ? error.message : String(error)}</p>
        {advice !== "" && <p>{advice}</p>}
        {retry !== undefined && (
          <Button variant="default" mt="sm" onClick={retry}>
            Try again
          </Button>
        )}
      </EmptyState>
    </div>
  );
}

function described(error: unknown) {
  if (!(error instanceof ApiError)) {
    return { title: "This page has a fault", Icon: IconAlertTriangle, advice: "Reload it. If it stays, please report it." };
  }
  switch (error.status) {
    case 0:
      return { title: "No answer", Icon: IconPlugConnectedX, advice: "Is `wherry up` still running? This page goes on by itself when it is." };
    case 401:
      return { title: "The server does not know you", Icon: IconLock, advice: "Open /login?token=… with the token that stands in server/token of the state folder." };
    case 404:
      return { title: "Not found", Icon: IconZoomQuestion, advice: "" };
    default:
      return { title: "The server refused", Icon: IconAlertTriangle, advice: "" };
  }
}
