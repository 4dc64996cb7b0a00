#!/usr/bin/env node
/* Borrow functions from a Hanse node over signed HTTP. One file for browsers and for Node 18 or later; nothing else is needed.

     import { Lender, multicall } from "./hanse_borrow.mjs";
     const lender = new Lender("http://127.0.0.1:8080/", jwk, { node: "...thumbprint of the lender's key..." });
     await lender.call("weather:today", "oslo")                    answers, or throws Refused
     lender.cast("chat:say", "hello")                              does not wait; casts keep their order
     await lender.call("chat:join", lender.pid(console.log))       what Erlang sends to this pid is printed
     await multicall([lender, other], "weather:today", "oslo")     as Promise.allSettled

     node hanse_borrow.mjs URL weather:today '["oslo"]' --key borrower.jwk

   Requests are signed with Ed25519, or within a session with HMAC (RFC 9421), by WebCrypto; every answer is verified before it is believed. */

const crypto = globalThis.crypto ?? (await import("node:crypto")).webcrypto;
const subtle = crypto.subtle;
const utf8 = new TextEncoder();
const text = (bytes) => new TextDecoder("utf-8", { fatal: true }).decode(bytes);

// ---- Bytes

export const encode64 = (bytes) => to64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
export function decode64(string) {
  if (typeof string !== "string" || !/^[A-Za-z0-9_-]*$/.test(string)) throw new SyntaxError("expected base64url");
  return from64(string.replaceAll("-", "+").replaceAll("_", "/"));
}
const to64 = (bytes) => btoa(Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join(""));
const from64 = (string) => Uint8Array.from(atob(string), (character) => character.charCodeAt(0));
const join = (...parts) => new Uint8Array(parts.flatMap((part) => [...part]));
const sha256 = async (bytes) => new Uint8Array(await subtle.digest("SHA-256", bytes));
const random = (size) => crypto.getRandomValues(new Uint8Array(size));

/** The name of a public key (32 bytes): RFC 7638 with SHA-256, 43 characters. */
export async function thumbprint(publicBytes) {
  return encode64(await sha256(utf8.encode(`{"crv":"Ed25519","kty":"OKP","x":"${encode64(publicBytes)}"}`)));
}

export const contentDigest = async (body) => `sha-256=:${to64(await sha256(body))}:`;

/** A new pair of keys as JWK. */
export async function newKey() {
  const { privateKey } = await subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  const { kty, crv, x, d } = await subtle.exportKey("jwk", privateKey);
  return { kty, crv, x, d };
}

// ---- Structured fields (RFC 8941): dictionaries of byte sequences and inner lists, as Signature and Signature-Input have them.
// Items are strings, numbers, booleans, Uint8Array, and { token }; a component is { name, parameters: Map }.

export function readDictionary(field) {
  const source = field.replace(/^ +| +$/g, "");
  let at = 0;
  const take = (pattern) => {
    pattern.lastIndex = at;
    const found = pattern.exec(source);
    if (found) at = pattern.lastIndex;
    return found;
  };
  const need = (pattern) => take(pattern) ?? fail();
  const fail = () => {
    throw new SyntaxError(`malformed field at character ${at}`);
  };
  const item = () => {
    const found = need(/"((?:[ !#-[\]-~]|\\["\\])*)"|:([A-Za-z0-9+/=]*):|\?([01])|(-?[0-9]{1,15})(?![.0-9])|([A-Za-z*][\w!#$%&'*+.^`|~:/-]*)/y);
    if (found[1] !== undefined) return found[1].replace(/\\(.)/g, "$1");
    if (found[2] !== undefined) return from64(found[2]);
    return found[3] !== undefined ? found[3] === "1" : found[4] !== undefined ? Number(found[4]) : { token: found[5] };
  };
  const key = /[a-z*][a-z0-9_.*-]*/y;
  const parameters = () => {
    const all = new Map();
    while (take(/; */y)) {
      const [name] = need(key);
      all.set(name, take(/=/y) ? item() : true);
    }
    return all;
  };
  const member = () => {
    if (!take(/\( */y)) return { value: item(), parameters: parameters() };
    const items = [];
    while (!take(/\)/y)) {
      items.push({ name: item(), parameters: parameters() });
      need(/ +|(?=\))/y);
    }
    return { items, parameters: parameters() };
  };
  const members = new Map();
  while (at < source.length) {
    const [name] = need(key);
    members.set(name, take(/=/y) ? member() : { value: true, parameters: parameters() });
    if (at < source.length) need(/[ \t]*,[ \t]*(?=.)/y);
  }
  return members;
}

function writeItem(value) {
  if (value === true || value === false) return value ? "?1" : "?0";
  if (typeof value === "number") return String(value);
  if (value instanceof Uint8Array) return `:${to64(value)}:`;
  return value.token ?? `"${value.replace(/["\\]/g, "\\$&")}"`;
}
const writeParameters = (all) => [...all].map(([name, value]) => (value === true ? `;${name}` : `;${name}=${writeItem(value)}`)).join("");
const writeComponent = ({ name, parameters }) => writeItem(name) + writeParameters(parameters);
export const writeInput = (components, parameters) => `(${components.map(writeComponent).join(" ")})${writeParameters(parameters)}`;

/** RFC 9421 section 2.5. valueOf(component) answers its value. */
export function signatureBase(components, valueOf, parameters) {
  const lines = components.map((component) => `${writeComponent(component)}: ${valueOf(component)}`);
  return utf8.encode([...lines, `"@signature-params": ${parameters}`].join("\n"));
}

// ---- Who signs requests and verifies their answers: a pair of keys, or a session

class KeySigner {
  algorithm = "ed25519";
  static async make(jwk, node) {
    const signer = new KeySigner();
    const { kty, crv, x, d } = jwk;
    if (kty !== "OKP" || crv !== "Ed25519" || typeof d !== "string")
      throw new TypeError("expected a private Ed25519 key as JWK, without a passphrase (members kty, crv, x, d)");
    signer.privateKey = await subtle.importKey("jwk", { kty, crv, x, d }, "Ed25519", false, ["sign"]);
    signer.nodeKey = await subtle.importKey("raw", node, "Ed25519", false, ["verify"]);
    signer.name = await thumbprint(decode64(x));
    signer.answerer = await thumbprint(node);
    return signer;
  }
  nonce = () => encode64(random(16));
  sign = async (base) => new Uint8Array(await subtle.sign("Ed25519", this.privateKey, base));
  verify = (base, signature) => subtle.verify("Ed25519", this.nodeKey, signature, base);
}

export class SessionSigner {
  algorithm = "hmac-sha256";
  static async make(name, secret, expires) {
    const signer = new SessionSigner();
    signer.name = signer.answerer = name;
    signer.expires = expires;
    signer.secret = await subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
    return signer;
  }
  used = 0;
  nonce = () => String(++this.used);
  sign = async (base) => new Uint8Array(await subtle.sign("HMAC", this.secret, base));
  verify = (base, signature) => subtle.verify("HMAC", this.secret, signature, base);
}

/** The header fields of a signed request, and its signature. */
async function signRequest(signer, node, { method, target, body, headers = {} }) {
  const [path, query] = target.split(/\?(.*)/s);
  const values = new Map([["@method", method], ["@path", path]]);
  if (query) values.set("@query", `?${query}`);
  const fields = { ...headers };
  if (body) {
    fields["content-digest"] = await contentDigest(body);
    for (const name of ["content-digest", "content-type"]) values.set(name, fields[name]);
  }
  const components = [...values.keys()].map((name) => ({ name, parameters: new Map() }));
  const parameters = writeInput(components, new Map(Object.entries({
    created: Math.floor(Date.now() / 1000), nonce: signer.nonce(), keyid: signer.name, alg: signer.algorithm, tag: `hanse:${node}`,
  })));
  const signature = await signer.sign(signatureBase(components, ({ name }) => values.get(name), parameters));
  fields["signature-input"] = `sig1=${parameters}`;
  fields.signature = `sig1=${writeItem(signature)}`;
  return { method, target, body, fields, signature };
}

/** Is this the lender's answer to this very request? body null: a stream, whose content no digest can cover. */
async function isSigned(signer, request, status, headers, body) {
  try {
    const signatures = readDictionary(headers.get("signature"));
    for (const [label, { items, parameters }] of readDictionary(headers.get("signature-input"))) {
      if (!items || parameters.get("keyid") !== signer.answerer || parameters.get("tag") !== "hanse") continue;
      const covered = items.map(({ name, parameters: marks }) => writeComponent({ name, parameters: new Map([...marks].sort()) }));
      const wanted = ['"@status"', '"signature";key="sig1";req', ...(body?.length ? ['"content-digest"'] : [])];
      if (!wanted.every((name) => covered.includes(name))) continue;
      const valueOf = ({ name, parameters: marks }) => {
        if (marks.get("req")) {
          if (name !== "signature") throw new SyntaxError("unknown component of the request");
          return writeItem(request.signature);
        }
        const value = name === "@status" ? String(status) : headers.get(name);
        if (value === null) throw new SyntaxError(`${name} is covered and not there`);
        return value;
      };
      const base = signatureBase(items, valueOf, writeInput(items, parameters));
      if (await signer.verify(base, signatures.get(label).value))
        return body === null || !covered.includes('"content-digest"') || headers.get("content-digest") === (await contentDigest(body));
    }
  } catch {
    // what cannot be read is not signed
  }
  return false;
}

// ---- The lender, as a borrower sees it

/** The lender's node refused, or the function failed: a problem document (RFC 9457). verified: it is signed; anybody on the way can make up
    others, as anybody on the way can keep a request from arriving. */
export class Refused extends Error {
  constructor(status, problem, retryAfter, verified) {
    super(`${status} ${problem.title ?? ""}: ${problem.detail ?? ""}`);
    Object.assign(this, { name: "Refused", status, problem, retryAfter, verified, kind: String(problem.type ?? "").split(":").at(-1) });
  }
}

/** An answer that the lender's node did not sign. */
export class Forged extends Error {
  name = "Forged";
}

/** Something that Erlang can send to. As an argument of a call it stands for itself. */
export class Pid {
  constructor(lender, callback, gone) {
    Object.assign(this, { lender, callback, gone, name: encode64(random(9)) });
  }
  toJSON() {
    return { $pid: `${this.lender.client}/${this.name}` };
  }
  /** This process has ended: monitors on the lender's side say so. */
  async close() {
    if (this.lender.pids.delete(this.name)) await this.lender.request("DELETE", `/events/${this.lender.client}/${this.name}`);
  }
}

export class Lender {
  /** key: a JWK with its private part. node: the thumbprint of the node's key; without it the key that the node shows first is believed.
      The path of the URL, if it has one, is that of a relay: it is not part of what is signed. */
  constructor(url, key, { node, sessions = true, timeout = 60000, fetch = globalThis.fetch } = {}) {
    const parsed = new URL(url);
    Object.assign(this, { key, sessions, timeout, fetch: (...words) => fetch(...words), client: encode64(random(16)), pids: new Map() });
    this.base = parsed.origin + parsed.pathname.replace(/\/+$/, "");
    this.node = node ?? (parsed.hash.slice(1) || undefined);
    this.calls = 0;
    this.casts = Promise.resolve();
    this.ended = new AbortController();
  }

  /** functionName is "module:name" as the lender calls it. */
  async call(functionName, ...args) {
    return JSON.parse(text(await this.callAs("application/json", functionName, ...args)));
  }

  /** The answer as bytes of the type `accept`. */
  async callAs(accept, functionName, ...args) {
    const [, module, name] = /^([^:]+):(.+)$/s.exec(functionName) ?? [];
    if (!module) throw new TypeError("expected module:function");
    const body = args.length ? utf8.encode(JSON.stringify(args)) : undefined;
    const headers = { accept, ...(body && { "content-type": "application/json" }) };
    return this.request("PUT", `/apply/${encodeURIComponent(module)}/${encodeURIComponent(name)}`, body, headers);
  }

  cast(functionName, ...args) {
    this.casts = this.casts.then(() => this.call(functionName, ...args)).catch(() => undefined); // a cast does not tell
  }

  /** Waits until all casts have been answered. */
  flush() {
    return this.casts;
  }

  /** The OpenAPI document of what this key may call. */
  async functions() {
    return JSON.parse(text(await this.request("GET", "/", undefined, { accept: "application/json" })));
  }

  /** A pid for arguments. callback gets what is sent to it, gone the reason when the lender ends it. */
  pid(callback, gone) {
    const pid = new Pid(this, callback, gone);
    this.pids.set(pid.name, pid);
    this.listening ??= this.listen();
    return pid;
  }

  close() {
    this.ended.abort();
  }

  /** One signed request; the verified body of its answer. */
  async request(method, target, body, headers) {
    for (let attempt = 0; ; attempt++) {
      const signer = await this.chooseSigner();
      try {
        return await this.exchange(signer, { method, target, body, headers });
      } catch (refused) {
        if (refused.kind !== "session" || attempt || signer.algorithm === "ed25519") throw refused;
        this.session = undefined; // it expired, or the node has started anew
      }
    }
  }

  async chooseSigner() {
    const signer = await this.keySigner();
    if (!this.sessions || ++this.calls < 2) return signer; // a session is worth its making from the second request on
    if (this.session && (await this.session).expires - 30 < Date.now() / 1000) this.session = undefined;
    this.session ??= this.newSession(signer).catch((problem) => {
      this.session = undefined;
      throw problem;
    });
    return this.session;
  }

  async newSession(signer) {
    const { privateKey, publicKey } = await subtle.generateKey("X25519", false, ["deriveBits"]);
    const ours = new Uint8Array(await subtle.exportKey("raw", publicKey));
    const body = utf8.encode(JSON.stringify({ x25519: encode64(ours) }));
    const answer = JSON.parse(text(await this.exchange(signer, { method: "POST", target: "/session", body, headers: { "content-type": "application/json" } })));
    const theirs = decode64(answer.x25519);
    const theirKey = await subtle.importKey("raw", theirs, "X25519", false, []);
    const shared = await subtle.deriveBits({ name: "X25519", public: theirKey }, privateKey, 256); // refuses points of small order
    const salt = await sha256(join(ours, theirs));
    const info = utf8.encode(`hanse session ${signer.name} ${this.node}`);
    const source = await subtle.importKey("raw", shared, "HKDF", false, ["deriveBits"]);
    const secret = await subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt, info }, source, 256);
    return SessionSigner.make(answer.session, secret, answer.expires);
  }

  /** Learns the node's key first. */
  keySigner() {
    this.signer ??= this.learnNode().catch((problem) => {
      this.signer = undefined;
      throw problem;
    });
    return this.signer;
  }

  async learnNode() {
    const response = await this.send({ method: "GET", target: "/", fields: {} });
    const shown = response.ok ? decode64((await response.json()).key.x) : new Uint8Array();
    const name = await thumbprint(shown);
    if (shown.length !== 32 || (this.node ?? name) !== name) throw new Forged(`expected the node ${this.node}, another one answered`);
    this.node = name;
    return KeySigner.make(this.key, shown);
  }

  async exchange(signer, plain) {
    const request = await signRequest(signer, this.node, plain);
    const response = await this.send(request);
    const body = new Uint8Array(await response.arrayBuffer());
    const { status, headers } = response;
    const verified = await isSigned(signer, request, status, headers, body);
    if (status >= 400) { // before it knows the caller a node cannot sign: see Refused.verified
      const isProblem = (headers.get("content-type") ?? "").startsWith("application/problem+json");
      throw new Refused(status, isProblem ? JSON.parse(text(body)) : {}, headers.get("retry-after"), verified);
    }
    if (!verified) throw new Forged(`an answer with status ${status} is not signed by ${signer.answerer}`);
    return body;
  }

  async send({ method, target, body, fields }, signal = AbortSignal.timeout(this.timeout)) {
    const once = () => this.fetch(this.base + target, { method, body, headers: fields, signal, redirect: "error", cache: "no-store", credentials: "omit" });
    try {
      return await once();
    } catch (problem) {
      if (signal.aborted) throw problem;
      return once(); // a connection had been closed. The very same request again can do no harm: its nonce works once
    }
  }

  async listen() {
    let last = "", wait = 200;
    while (!this.ended.signal.aborted) {
      try {
        for await (const event of this.events(last)) {
          last = event.id ?? last;
          wait = 200;
          this.deliver(event);
        }
      } catch (problem) {
        if ([403, 404, 410].includes(problem.status)) break;
      }
      if (!this.ended.signal.aborted) await new Promise((done) => setTimeout(done, wait));
      wait = Math.min(wait * 2, 15000);
    }
  }

  async *events(last) {
    const signer = await this.keySigner();
    const headers = { accept: "text/event-stream", ...(last && { "last-event-id": last }) };
    const request = await signRequest(signer, this.node, { method: "GET", target: `/events/${this.client}`, headers });
    const response = await this.send(request, this.ended.signal);
    const verified = await isSigned(signer, request, response.status, response.headers, null);
    if (response.status !== 200) throw new Refused(response.status, {}, null, verified);
    if (!verified) throw new Forged("the stream of events is not the lender's");
    const decoder = new TextDecoder();
    const reader = response.body.getReader();
    let rest = "", event = {};
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
      rest = lines.pop();
      for (const line of lines.map((each) => each.replace(/\r$/, ""))) {
        const [, name, content] = /^([^:]*):? ?(.*)$/s.exec(line);
        if (name) event[name] = content;
        else if (line === "" && event.event) {
          yield event;
          event = {};
        }
      }
    }
  }

  deliver({ event, data }) {
    if (event !== "message" && event !== "gone") return;
    const content = JSON.parse(data);
    const pid = this.pids.get(content.to);
    if (!pid) return;
    if (event === "gone") this.pids.delete(pid.name);
    try {
      if (event === "message") pid.callback(content.message);
      else pid.gone?.(content.reason);
    } catch (problem) {
      console.error("hanse_borrow: a callback threw", problem); // it takes nothing from the others
    }
  }
}

/** The same call of several lenders at once: as Promise.allSettled. */
export const multicall = (lenders, functionName, ...args) => Promise.allSettled(lenders.map((lender) => lender.call(functionName, ...args)));

// ---- Command line

async function main(words) {
  const { readFile, writeFile } = await import("node:fs/promises");
  const options = {}, rest = [];
  for (let i = 0; i < words.length; i++) {
    if (words[i] === "--text") options.text = true;
    else if (["--key", "--node", "--new-key"].includes(words[i]) && i + 1 < words.length) options[words[i].slice(2)] = words[++i];
    else rest.push(words[i]);
  }
  if (options["new-key"]) {
    const { d, ...shown } = await newKey();
    await writeFile(options["new-key"], JSON.stringify({ ...shown, d }) + "\n", { mode: 0o600, flag: "wx" });
    console.log(await thumbprint(decode64(shown.x)), JSON.stringify(shown));
    return 0;
  }
  const [url, functionName, args = "[]"] = rest;
  if (!url || !options.key || rest.length > 3 || rest.some((word) => word.startsWith("--"))) {
    console.error("usage: hanse_borrow.mjs URL [MODULE:FUNCTION [JSON-ARRAY]] --key FILE [--node THUMBPRINT] [--text] | --new-key FILE");
    return 2;
  }
  try {
    const lender = new Lender(url, JSON.parse(await readFile(options.key, "utf8")), { node: options.node, sessions: false });
    const list = JSON.parse(args);
    if (!Array.isArray(list)) throw new TypeError("expected a JSON array of arguments");
    if (!functionName) console.log(JSON.stringify(await lender.functions(), null, 2));
    else if (options.text) console.log(text(await lender.callAs("text/plain", functionName, ...list)));
    else console.log(JSON.stringify(await lender.call(functionName, ...list)));
    return 0;
  } catch (problem) {
    console.error(`hanse_borrow: ${problem.message}${problem.cause ? `: ${problem.cause.message}` : ""}`);
    return 1;
  }
}

if (globalThis.process?.argv?.[1]) {
  const { pathToFileURL } = await import("node:url");
  const { realpathSync } = await import("node:fs");
  if (import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href) process.exitCode = await main(process.argv.slice(2));
}
