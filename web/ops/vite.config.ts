import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

// The operation page is served at ops.address, from web/ops/dist.
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "./",
  build: { target: "es2022", outDir: "dist", emptyOutDir: true, modulePreload: false, assetsInlineLimit: 0, license: { fileName: "licences.txt" } },
  logLevel: "warn",
});
