/** The one place for colours, fonts and the defaults of components. The rest of the look is in theme.css. */
import { createTheme, Drawer, Modal, Tooltip, type MantineColorsTuple } from "@mantine/core";
import { Spotlight } from "@mantine/spotlight";

/** River water: links, buttons, what is selected. */
const river: MantineColorsTuple = [
  "#e8f5fa", "#d3e6ee", "#a6cddd", "#76b2cb", "#4f9cbc", "#378eb2", "#1f7a9c", "#1b6884", "#125a75", "#004e67",
];

/** Greys with a little blue. Index 6 on white and 2 on 8 pass 4.5:1. */
const gray: MantineColorsTuple = [
  "#f7f9fa", "#eef1f4", "#e2e7eb", "#d0d7dd", "#b3bdc6", "#8593a0", "#5b6976", "#465360", "#313b46", "#1e262e",
];

const dark: MantineColorsTuple = [
  "#d5dce2", "#b4bec8", "#95a1ad", "#64717e", "#3a4651", "#2b353f", "#212a32", "#171e25", "#11171d", "#0b1014",
];

export const theme = createTheme({
  primaryColor: "river",
  // White on either passes 4.5:1.
  primaryShade: { light: 7, dark: 6 },
  autoContrast: true,
  luminanceThreshold: 0.32,
  colors: { river, gray, dark },
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif",
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace",
  defaultRadius: "sm",
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    // Locking the scroll writes a style element, which the content security policy forbids.
    Modal: Modal.extend({ defaultProps: { lockScroll: false, closeButtonProps: { "aria-label": "Close" } } }),
    Drawer: Drawer.extend({ defaultProps: { lockScroll: false, closeButtonProps: { "aria-label": "Close" } } }),
    Spotlight: Spotlight.extend({ defaultProps: { lockScroll: false } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 300, withArrow: true } }),
  },
});
