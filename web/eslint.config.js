import js from "@eslint/js";
import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["src/api/schema.d.ts", "node_modules"] },
  js.configs.recommended,
  {
    files: ["src/**/*.{ts,tsx}"],
    extends: [tseslint.configs.strictTypeChecked, hooks.configs.flat.recommended],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      // TanStack Router throws redirects, which are no errors.
      "@typescript-eslint/only-throw-error": "off",
      // It warns of what a compiler of React would leave alone; none is used.
      "react-hooks/incompatible-library": "off",
      "no-restricted-globals": ["error", { name: "fetch", message: "Calls to the server live in src/api." }],
      "no-restricted-syntax": [
        "error",
        { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: "Names and logs are hostile." },
      ],
    },
  },
  {
    files: ["src/api/**", "src/testing/**"],
    rules: { "no-restricted-globals": "off" },
  },
  {
    files: ["scripts/*.mjs", "eslint.config.js"],
    languageOptions: { globals: { process: "readonly", console: "readonly", URL: "readonly" } },
  },
);
