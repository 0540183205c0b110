import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

// The page of examples/tag. It is built from here, where the packages are.
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
export default defineConfig({
  root: here("../examples/browser-tag"),
  base: "./",
  resolve: { alias: { "aoiworld-client": here("client/src/index.ts") } },
  build: { target: "es2022", outDir: "dist", emptyOutDir: true, modulePreload: false, assetsInlineLimit: 0, license: { fileName: "licences.txt" } },
  logLevel: "warn",
});
