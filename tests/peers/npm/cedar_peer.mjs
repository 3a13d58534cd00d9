// Decides requests by policies in Cedar (https://www.cedarpolicy.com), to check Copilot.Core.Policy against.
//
// usage: node cedar_peer.mjs < QUESTIONS > ANSWERS
//
// A question is one line of JSON, {"policies": [{"id": "text of a policy", ...}, ...], "requests": [{"set": 0, "context": {...}}, ...]}; so is its answer,
// {"answers": [{"decision": "allow", "reason": ["id", ...]}, ...]} or {"error": "..."}.
import { createInterface } from "node:readline";
import { preparsePolicySet, statefulIsAuthorized } from "@cedar-policy/cedar-wasm/nodejs";

const principal = { type: "Actor", id: "a" };
const action = { type: "Action", id: "act" };
const resource = { type: "Target", id: "t" };

function checked(result) {
  if (result.type !== "success") throw new Error(JSON.stringify(result.errors));
  return result;
}

function answer({ policies, requests }) {
  policies.forEach((staticPolicies, set) => checked(preparsePolicySet(`${set}`, { staticPolicies })));
  return requests.map(({ set, context }) => {
    const { decision, diagnostics } = checked(statefulIsAuthorized({ principal, action, resource, context, preparsedPolicySetId: `${set}`, entities: [] })).response;
    if (diagnostics.errors.length > 0) throw new Error(JSON.stringify(diagnostics.errors));
    return { decision, reason: diagnostics.reason };
  });
}

for await (const line of createInterface({ input: process.stdin })) {
  try {
    console.log(JSON.stringify({ answers: answer(JSON.parse(line)) }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error?.message ?? error) }));
  }
}
