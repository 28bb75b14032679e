import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconArchive, IconArchiveOff } from "@tabler/icons-react";
import { useArchive } from "@/api/runs";
import { counted } from "@/formats/numbers";
import classes from "./SelectionBar.module.css";

/** What can be done with the selected runs. */
export function SelectionBar({ ids, archived, clear }: { ids: readonly string[]; archived?: "only" | "all"; clear: () => void }) {
  const archive = useArchive();
  const restore = archived === "only";
  const act = () =>
    archive.mutate(
      { ids, archive: !restore },
      {
        onSuccess: () => {
          notifications.show({ message: `${counted(ids.length, "run")} ${restore ? "brought back" : "archived"}.` });
          clear();
        },
        onError: (error) => notifications.show({ color: "red", title: "Not archived", message: error.message }),
      },
    );
  return (
    <div className={classes.bar} role="status">
      <span>{counted(ids.length, "run")} selected</span>
      <Button
        size="compact-sm"
        variant="subtle"
        leftSection={restore ? <IconArchiveOff size={15} /> : <IconArchive size={15} />}
        loading={archive.isPending}
        onClick={act}
      >
        {restore ? "Bring back" : "Archive"}
      </Button>
      <Button size="compact-sm" variant="subtle" onClick={clear}>
        Clear the selection
      </Button>
    </div>
  );
}
