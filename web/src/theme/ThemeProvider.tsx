import { convertCssVariables, defaultCssVariablesResolver, MantineProvider, mergeMantineTheme, DEFAULT_THEME } from "@mantine/core";
import "@mantine/core/styles.layer.css";
import "@mantine/notifications/styles.layer.css";
import "@mantine/spotlight/styles.layer.css";
import type { ReactNode } from "react";
import { theme } from "./theme";
import "./theme.css";

// Mantine would write its variables into a style element; the content security policy allows none.
// A constructed sheet is no inline style.
const variables = new CSSStyleSheet();
variables.replaceSync(convertCssVariables(defaultCssVariablesResolver(mergeMantineTheme(DEFAULT_THEME, theme)), ":root"));

/** Colours and components of the whole interface. Follows the system until the person chooses. */
export function ThemeProvider({ children }: { children: ReactNode }) {
  if (!document.adoptedStyleSheets.includes(variables)) document.adoptedStyleSheets.unshift(variables);
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false} deduplicateInlineStyles>
      {children}
    </MantineProvider>
  );
}
