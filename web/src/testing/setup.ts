import { cleanup } from "@testing-library/react";
import { afterEach } from "vitest";

afterEach(cleanup);

// jsdom draws nothing and has none of these; Mantine asks for them.
window.matchMedia = (query) =>
  ({ matches: false, media: query, addEventListener: () => undefined, removeEventListener: () => undefined }) as unknown as MediaQueryList;
window.ResizeObserver = class {
  observe() {
    // Nothing changes its size here.
  }
  unobserve() {
    // The same.
  }
  disconnect() {
    // The same.
  }
};
