import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

// The page is served by the server itself, from web/play/dist: two files and an icon, whose names change with their content.
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "./",
  resolve: { alias: { "aoiworld-client": fileURLToPath(new URL("../client/src/index.ts", import.meta.url)) } },
  build: { target: "es2022", outDir: "dist", emptyOutDir: true, modulePreload: false, assetsInlineLimit: 0, license: { fileName: "licences.txt" } },
  logLevel: "warn",
});
