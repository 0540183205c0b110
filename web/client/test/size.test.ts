// The client is small: its own code, as a bundler makes it of what it exports. Its dependency is beside that.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { build, type Rollup } from "vite";

const maxBytes = 25 << 10; // zipped

/** size is how many bytes a bundle has, zipped. */
async function size(external: RegExp[]): Promise<number> {
  const entry = fileURLToPath(new URL("../src/index.js", import.meta.url));
  const built = await build({
    configFile: false, logLevel: "error",
    build: { write: false, minify: true, lib: { entry, formats: ["es"] }, rollupOptions: { external } },
  });
  const [output] = [built].flat() as Rollup.RollupOutput[];
  return gzipSync(output!.output.map((chunk) => ("code" in chunk ? chunk.code : "")).join("")).length;
}

test("the client is small", async (t) => {
  const own = await size([/^@bufbuild/]), all = await size([]);
  t.diagnostic(`${own} bytes zipped, ${all} with its dependency`);
  assert.ok(own > 1000 && own <= maxBytes, `${own} bytes`);
});
