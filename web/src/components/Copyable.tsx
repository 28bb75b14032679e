import { ActionIcon, CopyButton, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import classes from "./Copyable.module.css";

/** Text to copy: a block of code with a button. */
export function CodeBlock({ code, label, height }: { code: string; label: string; height?: number | string }) {
  return (
    <div className={classes.block}>
      <pre className={classes.code} style={{ maxHeight: height }} tabIndex={0} aria-label={label}>
        {code}
      </pre>
      <div className={classes.corner}>
        <CopyIcon text={code} label={`Copy ${label}`} />
      </div>
    </div>
  );
}

/** A button that copies a text. */
export function CopyIcon({ text, label = "Copy" }: { text: string; label?: string }) {
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? "Copied" : label}>
          <ActionIcon size="sm" variant="subtle" color="gray" onClick={copy} aria-label={label}>
            {copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}
