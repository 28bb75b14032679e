/** Mantine's components as links of the router. */
import { Anchor, Button, type AnchorProps, type ButtonProps } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import { forwardRef } from "react";

const ButtonAnchor = forwardRef<HTMLAnchorElement, ButtonProps & Omit<React.ComponentPropsWithoutRef<"a">, keyof ButtonProps>>(
  (props, ref) => <Button component="a" ref={ref} {...props} />,
);
ButtonAnchor.displayName = "ButtonAnchor";

const TextAnchor = forwardRef<HTMLAnchorElement, AnchorProps & Omit<React.ComponentPropsWithoutRef<"a">, keyof AnchorProps>>(
  (props, ref) => <Anchor ref={ref} inherit {...props} />,
);
TextAnchor.displayName = "TextAnchor";

/** A button that leads to another page. */
export const ButtonLink = createLink(ButtonAnchor);

/** Text that leads to another page. */
export const TextLink = createLink(TextAnchor);
