// hanse_borrow.mjs: the vectors of the standards, and everything it does against the small lender of clients/python/tests/stand_in.py.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import * as borrow from "../hanse_borrow.mjs";

const program = fileURLToPath(new URL("../hanse_borrow.mjs", import.meta.url));
const python = fileURLToPath(new URL("../../python", import.meta.url));
const subtle = globalThis.crypto?.subtle ?? (await import("node:crypto")).webcrypto.subtle;
const folder = mkdtempSync(join(tmpdir(), "hanse_borrow_"));
const keyFile = join(folder, "borrower.jwk");
const run = (...words) => spawnSync(process.execPath, [program, ...words], { encoding: "utf8", timeout: 60000 });
let server, url, node, key, lender;

before(async () => {
  assert.equal(run("--new-key", keyFile).status, 0);
  key = JSON.parse(readFileSync(keyFile, "utf8"));
  server = spawn(process.env.PYTHON ?? "python3", ["tests/stand_in.py", keyFile], { cwd: python, stdio: ["pipe", "pipe", "inherit"], env: { ...process.env, PYTHONPATH: python, PYTHONDONTWRITEBYTECODE: "1" } });
  ({ url, node } = await new Promise((done) => createInterface(server.stdout).once("line", (line) => done(JSON.parse(line)))));
  lender = new borrow.Lender(url, key, { node });
});
after(() => {
  lender?.close();
  server?.kill();
  rmSync(folder, { recursive: true });
});

const values = { date: "Tue, 20 Apr 2021 02:07:55 GMT", "@method": "POST", "@path": "/foo", "@authority": "example.com", "content-type": "application/json", "content-length": "18" };
function vector(input) {
  const [label] = input.split("=", 1);
  const { items, parameters } = borrow.readDictionary(input).get(label);
  const written = borrow.writeInput(items, parameters);
  assert.equal(`${label}=${written}`, input);
  return borrow.signatureBase(items, ({ name }) => values[name], written);
}

test("RFC 9421 B.2.6, Ed25519", async () => {
  const base = vector('sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"');
  const jwk = { kty: "OKP", crv: "Ed25519", d: "n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU", x: "JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs" };
  const signed = await subtle.sign("Ed25519", await subtle.importKey("jwk", jwk, "Ed25519", false, ["sign"]), base);
  assert.equal(Buffer.from(signed).toString("base64"), "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==");
});

test("RFC 9421 B.2.5, HMAC", async () => {
  const base = vector('sig-b25=("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"');
  const secret = Buffer.from("uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==", "base64");
  const session = await borrow.SessionSigner.make("test-shared-secret", secret, 0);
  assert.equal(Buffer.from(await session.sign(base)).toString("base64"), "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=");
});

test("RFC 9530 and RFC 8037", async () => {
  assert.equal(await borrow.contentDigest(Buffer.from('{"hello": "world"}\n')), "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:");
  assert.equal(await borrow.thumbprint(borrow.decode64("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
});

test("RFC 8941, section 3", () => {
  const read = borrow.readDictionary('a=("x";req;key="b" "y"), b=:aGVsbG8=:;c=-5,d, e="q\\"\\\\"');
  assert.deepEqual(read.get("a").items, [{ name: "x", parameters: new Map([["req", true], ["key", "b"]]) }, { name: "y", parameters: new Map() }]);
  assert.equal(Buffer.from(read.get("b").value).toString(), "hello");
  assert.equal(read.get("b").parameters.get("c"), -5);
  assert.equal(read.get("d").value, true);
  assert.equal(read.get("e").value, 'q"\\');
  for (const wrong of ["a=", "a=(", 'a=("x"', 'a=("x""y")', 'a="x', "a=:%:", "A=1", "a=1,", "a=1 b=2", "a=1.5", "a=?2", 'a="\x7f"', "a=;b", "a=1234567890123456"])
    assert.throws(() => borrow.readDictionary(wrong), undefined, wrong);
});

test("calls, sessions, casts", async () => {
  for (let i = 0; i < 4; i++) assert.equal(await lender.call("math:add", i, 1), i + 1);
  assert.equal((await lender.session).algorithm, "hmac-sha256");
  assert.deepEqual(await lender.call("echo:all"), []);
  assert.deepEqual(await lender.call("echo:all", "Übung", null, { a: [1.5, true] }), ["Übung", null, { a: [1.5, true] }]);
  assert.equal(Buffer.from(await lender.callAs("text/plain", "echo:all", 1)).toString(), "[1]");
  assert.equal((await lender.functions()).openapi, "3.1.0");
  lender.cast("math:add", 1, 1);
  lender.cast("os:cmd", "id");
  await lender.flush();
});

test("refusals and forgeries", async () => {
  for (const name of ["bad:body", "bad:status", "bad:unsigned", "bad:other"]) await assert.rejects(lender.call(name), borrow.Forged, name);
  await assert.rejects(lender.call("os:cmd", "id"), { status: 403, kind: "not-granted", verified: true });
  await assert.rejects(lender.call("bad:function"), { status: 500, kind: "exception" });
  const stranger = new borrow.Lender(url, await borrow.newKey());
  await assert.rejects(stranger.call("math:add", 1, 1), { status: 401, verified: false });
  await assert.rejects(new borrow.Lender(url, key, { node: key.x }).call("math:add", 1, 1), borrow.Forged);
  const [good, bad] = await borrow.multicall([lender, stranger], "math:add", 2, 3);
  assert.equal(good.value, 5);
  assert.equal(bad.reason.status, 401);
});

test("pids", { timeout: 60000 }, async () => {
  let got, ended;
  const message = () => new Promise((done) => (got = done));
  const first = lender.pid((value) => got(value)), second = lender.pid((value) => got(["second", value]), (reason) => ended(reason));
  let next = message();
  await lender.call("chat:tell", first, { text: "hi" });
  assert.deepEqual(await next, { text: "hi" });
  next = message();
  await lender.call("chat:tell", second, 1);
  assert.deepEqual(await next, ["second", 1]);
  const over = new Promise((done) => (ended = done));
  await lender.call("chat:end", second);
  assert.equal(await over, "revoked");
  await first.close();
});

test("the command line", () => {
  assert.equal(run(url, "math:add", "[1, 2]", "--key", keyFile, "--node", node).stdout, "3\n");
  assert.equal(run(`${url}#${node}`, "echo:all", '["ä"]', "--key", keyFile, "--text").stdout, "['ä']\n");
  for (const words of [["os:cmd", '["id"]'], ["math:add", "{}"], ["math:add", "["], ["bad:body"]]) {
    const ran = run(url, ...words, "--key", keyFile);
    assert.equal(ran.status, 1);
    assert.match(ran.stderr, /^hanse_borrow: /);
  }
  assert.equal(run().status, 2);
  assert.equal(statSync(keyFile).mode & 0o777, 0o600);
  assert.notEqual(run("--new-key", keyFile).status, 0);
});
