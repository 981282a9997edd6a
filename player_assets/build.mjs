// Bundles the page into one self-contained file: renderer/player/player.html. The host puts a fresh nonce in for %NONCE%.
import { readFile, writeFile, rename } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const target = here("../renderer/player/player.html");

const bundle = await build({
  entryPoints: [here("src/main.ts")],
  bundle: true,
  write: false,
  format: "iife",
  target: "chrome120",
  minify: true,
  legalComments: "eof",
});
const script = bundle.outputFiles[0].text.replaceAll("</script", "<\\/script");
const replay = JSON.parse(await readFile(here("node_modules/@rrweb/replay/package.json"), "utf8"));
const [page, ...styles] = await Promise.all(["player.html", "page.css", "frame.css"].map((name) => readFile(here(`src/${name}`), "utf8")));
// Replacements as functions: "$&" in the bundle must stay as it is.
const html = page.replace("%RRWEB%", replay.version).replace("%CSS%", () => styles.join("")).replace("%SCRIPT%", () => script);
await writeFile(`${target}.tmp`, html);
await rename(`${target}.tmp`, target);
