// Answers questions about canonical JSON and inclusion proofs with packages of npm, to check Copilot.Core.Receipts against.
//
// usage: node receipts_peer.mjs < QUESTIONS > ANSWERS
//
// A question is one line of JSON, and so is its answer. package-lock.json names the packages; npm ci installs them.
import { createInterface } from "node:readline";
import { json } from "@sigstore/core";
import { toTrustMaterial, Verifier } from "@sigstore/verify";
import canonicalize from "canonicalize";
import { canonicalize as jsonCanonicalize } from "json-canonicalize";

const writers = { canonicalize, json_canonicalize: jsonCanonicalize, sigstore: json.canonicalize };

/** What each package writes for a value; null where it refuses to. */
function written(value) {
  const texts = {};
  for (const [name, write] of Object.entries(writers)) {
    try {
      texts[name] = write(value);
    } catch {
      texts[name] = null;
    }
  }
  return texts;
}

/** Doubles by their bits, least significant byte first. */
function numbers({ bits }) {
  const bytes = Buffer.from(bits, "base64");
  const texts = { canonicalize: [], json_canonicalize: [], sigstore: [] };
  for (let at = 0; at < bytes.length; at += 8) {
    for (const [name, text] of Object.entries(written(bytes.readDoubleLE(at)))) texts[name].push(text);
  }
  return { numbers: texts };
}

function value({ text }) {
  try {
    return { value: written(JSON.parse(Buffer.from(text, "base64").toString("utf8"))) };
  } catch {
    return { fault: "no JSON" };
  }
}

/** An Ed25519 key as RFC 8410 writes it. */
const spki = (key) => Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), key]);

/**
 * A receipt as the body of an entry of Rekor, its log as the one that is trusted. A trusted root says by itself by which id a log goes: the first four bytes of it
 * are looked for in the checkpoint, so with the id that C2SP has for an Ed25519 key the package takes the checkpoint as it is.
 */
function proof({ receipt, index, size, root, path, checkpoint, key, key_id }) {
  const bytes = (base64) => Buffer.from(base64, "base64");
  const trust = toTrustMaterial(
    {
      tlogs: [{ logId: { keyId: bytes(key_id) }, publicKey: { rawBytes: spki(bytes(key)), keyDetails: 7 } }],
      ctlogs: [],
      certificateAuthorities: [],
      timestampAuthorities: [],
    },
    {},
  );
  const entry = {
    logId: { keyId: bytes(key_id) },
    integratedTime: "0",
    canonicalizedBody: bytes(receipt),
    inclusionProof: {
      logIndex: String(index),
      treeSize: String(size),
      rootHash: bytes(root),
      hashes: path.map(bytes),
      checkpoint: { envelope: bytes(checkpoint).toString("utf8") },
    },
  };
  try {
    new Verifier(trust, {}).verifyTimestamps({ timestamps: [{ $case: "transparency-log", tlogEntry: entry }] });
    return {};
  } catch (e) {
    return { fault: e.message };
  }
}

const questions = { numbers, value, proof };

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const question = JSON.parse(line);
  process.stdout.write(JSON.stringify(questions[question.ask](question)) + "\n");
}
