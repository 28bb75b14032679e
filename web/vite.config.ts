/// <reference types="vitest/config" />
import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

/** Where `npm run dev` finds a server: the address that `wherry up` prints. */
const server = process.env.WHERRY_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  // Relative: the same build works below any path prefix.
  base: "./",
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: { proxy: { "/apis": { target: server, changeOrigin: true, headers: { origin: server } } } },
  build: {
    outDir: "../src/wherry/server/static",
    emptyOutDir: true,
    manifest: true,
    // A data: URL would need a hole in the content security policy.
    assetsInlineLimit: 0,
    // Preloading through inline styles or scripts is not used; the browsers meant have it built in.
    modulePreload: { polyfill: false },
    target: "es2022",
    rolldownOptions: {
      output: {
        codeSplitting: {
          // A page is three scripts: what starts, what pages share, its own. By itself the bundler would make twenty.
          groups: [
            { name: "start", tags: ["$initial"], priority: 2 },
            { name: "shared", minShareCount: 2, priority: 1 },
          ],
        },
      },
    },
    // scripts/size.mjs holds the budget.
    chunkSizeWarningLimit: 700,
  },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/testing/setup.ts"],
  },
});
