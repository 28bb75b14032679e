import { Loader } from "@mantine/core";
import classes from "./PageLoading.module.css";

/** While a page waits for its first answer. */
export function PageLoading() {
  return (
    <div className={classes.loading} role="status" aria-label="Loading">
      <Loader size="sm" type="dots" />
    </div>
  );
}
