import { Tooltip } from "@mantine/core";
import { useServer } from "@/api/server";
import classes from "./Connection.module.css";

/** Whether the server answers, and which one it is. */
export function Connection() {
  const server = useServer();
  const silent = server.isError;
  const label = silent ? "Not connected" : server.data === undefined ? "Connecting" : `Wherry ${server.data.version}`;
  const detail = silent
    ? "The server does not answer. It is tried again every few seconds."
    : server.data === undefined
      ? label
      : `State folder ${server.data.state_folder}; tasks run in the ${server.data.launcher} launcher; you are ${server.data.user}.`;
  return (
    <Tooltip label={detail} multiline maw={320}>
      <span className={classes.connection} data-silent={silent || undefined} role="status" tabIndex={0}>
        <span className={classes.dot} aria-hidden />
        {label}
      </span>
    </Tooltip>
  );
}
