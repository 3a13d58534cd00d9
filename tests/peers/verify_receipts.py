"""Verifies a bundle or a proof of receipts: a second verifier, written from docs/receipt-format.md alone.

usage: python3 verify_receipts.py [--key FILE] [--expect SIZE:ROOT] [--witness-key FILE]... FILE...

Prints for each file and check a line: held, failed or unchecked, the file, the check, and why. Exits with 1 when a check failed. It needs
Python alone; the closed form of receipts is read from docs/schemas. What it cannot check is the replay of policies.
"""
import argparse, base64, datetime, decimal, hashlib, json, pathlib, re, sys, zipfile, zlib

SCHEMA = json.loads((pathlib.Path(__file__).resolve().parents[2] / "docs" / "schemas" / "copilot-receipt-1.schema.json").read_text())
NEEDED, OPTIONAL = {"receipts.jsonl", "checkpoint.txt", "manifest.json"}, {"openings.jsonl", "rotations.jsonl", "paths.jsonl", "copilot-receipt-1.schema.json"}
MOST_RECEIPT, MOST_FILE, PART, LARGEST = 4 << 20, 1 << 30, 65536, 1 << 53
TYPES = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None)}
BROKEN = (ValueError, OverflowError, RecursionError, KeyError, TypeError, AttributeError)

class Refused(ValueError): pass

def need(truth, why):
    if not truth:
        raise Refused(why)
    return truth

def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()

def number(value):
    """As ECMAScript writes it; Python finds the same shortest digits."""
    if value == int(value) and abs(value) < 1e21:
        need(abs(value) <= LARGEST, "an integer beyond 2^53")
        return str(int(value))
    sign, digits, exponent = decimal.Decimal(repr(value)).normalize().as_tuple()
    text, point = "".join(map(str, digits)), len(digits) + exponent
    if -6 < point <= 21:
        return "-" * sign + (text[:point] + "." + text[point:] if point > 0 else "0." + "0" * -point + text)
    return "-" * sign + text[0] + "." * (len(text) > 1) + text[1:] + f"e{point - 1:+d}"

def write(value, depth=0):
    """Canonical JSON (RFC 8785)."""
    need(depth < 64 or not isinstance(value, (dict, list)), "nested deeper than 64")
    if isinstance(value, dict):
        return "{" + ",".join(write(n) + ":" + write(value[n], depth + 1) for n in sorted(value, key=lambda n: n.encode("utf-16-be"))) + "}"
    if isinstance(value, list):
        return "[" + ",".join(write(v, depth + 1) for v in value) + "]"
    return number(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else json.dumps(value, ensure_ascii=False)

def canonical(data):
    """The value of bytes that are its canonical form; a member that is there twice would be written once."""
    value = json.loads(data.decode())
    need(write(value).encode() == data, "not in canonical form")
    return value

def is_time(text):
    """Whether the calendar has it."""
    try:
        return bool(datetime.datetime.fromisoformat(text[:19]))
    except ValueError:
        return False

def fits(value, schema):
    """What of JSON Schema the schema of receipts uses."""
    if "type" in schema and type(value) is not TYPES[schema["type"]] or value not in schema.get("enum", [value]) or "oneOf" in schema and sum(fits(value, s) for s in schema["oneOf"]) != 1:
        return False
    if isinstance(value, dict):
        named, others = schema.get("properties", {}), schema.get("additionalProperties", {})
        known = all(fits(v, named[n]) if n in named else others is not False and fits(v, others) for n, v in value.items())
        return known and set(schema.get("required", [])) <= set(value)
    if isinstance(value, list):
        return all(fits(v, schema.get("items", {})) for v in value)
    if isinstance(value, str):
        pattern = schema.get("pattern", "")
        return len(value) >= schema.get("minLength", 0) and bool(re.search(pattern.replace("$", r"\Z"), value)) and (not pattern.endswith("{7}Z$") or is_time(value))
    return type(value) is not int or schema.get("minimum", value) <= value <= schema.get("maximum", value)

P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P

def point(data):
    sign, y = divmod(int.from_bytes(data, "little"), 1 << 255)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if (x * x - square) % P == 0 else x * pow(2, (P - 1) // 4, P) % P
    need(y < P and (x * x - square) % P == 0 and (x or not sign), "no point")
    return (P - x if x % 2 != sign else x, y)

def add(a, b):
    xy = D * a[0] * b[0] * a[1] * b[1] % P
    return ((a[0] * b[1] + a[1] * b[0]) * pow(1 + xy, -1, P) % P, (a[1] * b[1] + a[0] * b[0]) * pow(1 - xy, -1, P) % P)

def times(n, a):
    return (0, 1) if n == 0 else add(times(n - 1, a), a) if n % 2 else times(n // 2, add(a, a))

def verify(key, message, signature):
    """Ed25519 (RFC 8032, section 5.1)."""
    try:
        a, r, s = point(key), point(signature[:32]), int.from_bytes(signature[32:], "little")
    except Refused:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    return len(signature) == 64 and s < L and times(s, point(b"\x58" + b"\x66" * 31)) == add(r, times(k, a))

def root_of(leaves):
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256()
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01", root_of(leaves[:half]), root_of(leaves[half:]))

def root_by_path(leaf, fn, size, path):
    sn, r = size - 1, leaf
    for p in path if fn < size else [b""]:
        if sn <= 0:
            return None
        if fn % 2 or fn == sn:
            r = sha256(b"\x01", p, r)
            while fn % 2 == 0 and fn:
                fn, sn = fn // 2, sn // 2
        else:
            r = sha256(b"\x01", r, p)
        fn, sn = fn // 2, sn // 2
    return r if sn == 0 else None

def unbase64(text, length=None):
    data = base64.b64decode(text, validate=True)
    need(base64.b64encode(data).decode() == text and length in (None, len(data)), "not the base64 of so many bytes")
    return data

class Key:
    def __init__(self, text, expected=b"\x01"):
        self.text, (self.name, identity, key) = text, text.split("+", 2)
        kind, self.public = unbase64(key, 33)[:1], unbase64(key)[1:]
        self.id = sha256(self.name.encode(), b"\n", kind, self.public)[:4]
        need(self.id.hex() == identity and kind == expected and re.fullmatch(r"\S+", self.name), "no Ed25519 key, or one with another id")

class Checkpoint:
    def __init__(self, data):
        text, _, signatures = data.decode().rpartition("\n\n")
        match = re.fullmatch(r"([^\s+]+)\n(0|[1-9][0-9]{0,18})\n([^\n]+)", text)
        need(match and re.fullmatch("(\u2014 [^\\s+]+ [^\\s]+\n)+", signatures), "no signed checkpoint")
        self.text, self.log, self.size, self.root = text + "\n", match[1], int(match[2]), unbase64(match[3], 32)
        self.signatures = [(n, unbase64(s)) for n, s in re.findall("\u2014 (.+) (.+)\n", signatures)]

    def signed_by(self, key, before="", skip=4):
        return any(n == key.name and s[:4] == key.id and verify(key.public, (before.format(int.from_bytes(s[4:12], "big")) + self.text).encode(), s[skip:])
                   for n, s in self.signatures)

class Report(dict):
    """Check by check what was found: the first fault, else what is said when there is none."""
    def add(self, name, faults, otherwise="held"):
        fault = next((f for f in faults if f), None)
        self[name] = ("failed", fault) if fault else (otherwise, "")

    def head(self, head, there):
        head and self.add("head", [there and there.hex() != head[1] and "another root at that size"], "held" if there else "unchecked")

def each(text, read):
    """What the lines of a file say, and what is wrong with them."""
    *lines, rest = text.split(b"\n")
    values, faults = [], [rest and "no newline at the end"]
    for at, line in enumerate(lines):
        try:
            values.append(read(line))
        except BROKEN as e:
            faults.append(f"line {at + 1}: {e!r}")
    return values, faults

def read_receipt(line, log=None):
    receipt = canonical(line)
    need(len(line) <= MOST_RECEIPT and fits(receipt, SCHEMA), "not of the closed form")
    need(receipt["log"] == (log or receipt["log"]), "of another log")
    incident = receipt["stream"] if receipt["stream"] not in ("log", "reads") else None
    need(receipt["corr"].get("incident") == incident, "of another incident than its stream")
    return receipt

def check_receipts(report, receipts, leaves, excerpt):
    """What one receipt says of others; returns the keys of the log in their order, each with the seq of the receipt that names it."""
    found = {n: [] for n in ("opening", "sequence", "ids", "chain", "refs", "results", "keys")}
    known, streams, answered, keys, after = {}, {}, set(), [], -1
    for place, (receipt, leaf) in enumerate(zip(receipts, leaves)):
        seq, opens = receipt["seq"], receipt["type"] == "log.opened"
        found["sequence"] += [(seq <= after if excerpt else seq != place) and f"{seq} comes after {after}", opens and place and "the log is opened twice"]
        found["opening"].append(not place and (not opens or seq) and "the first receipt is not log.opened")
        found["ids"].append(receipt["id"] in known and f"{receipt['id']} is there twice")
        count, previous = streams.get(receipt["stream"], (0, None))
        found["chain"].append((receipt["stream_seq"], receipt["prev"]) != (count, previous) and f"receipt {seq} does not follow the one before it")
        for ref in receipt["refs"]:
            good = known[ref["id"]][1].hex() == ref["leaf"] if ref["id"] in known else excerpt
            found["refs"].append(not good and f"receipt {seq} refers to what is not before it")
        if receipt["type"] == "tool.result":
            intents = [r["id"] for r in receipt["refs"] if r["rel"] == "intent"]
            intent = known[intents[0]][0] if len(intents) == 1 and intents[0] in known and intents[0] not in answered else {"type": ""}
            same = intent["type"] == "tool.intent" and intent["stream"] == receipt["stream"] and intent["corr"].get("tool_call_id") == receipt["corr"].get("tool_call_id")
            found["results"].append(not same and f"receipt {seq} is the result of no intent, or of one that has a result")
            answered.update(intents)
        if opens and not place or receipt["type"] == "key.rotated":
            try:
                need(not keys or keys[-1][0].text == receipt["body"]["from"], "passes on from another key")
                keys.append((Key(receipt["body"]["key" if opens else "to"]), seq))
                need(keys[-1][0].name == receipt["log"], "names a key of another name")
            except BROKEN as e:
                found["opening" if opens else "keys"].append(f"receipt {seq}: {e}")
        known[receipt["id"]], streams[receipt["stream"]], after = (receipt, leaf), (count + 1, leaf.hex()), seq
    for name, faults in found.items():
        report.add(name, faults)
    return keys

def check_changes(report, keys, leaves, given, text, excerpt):
    """That each change of the key was signed with both keys."""
    notes, faults = each(text, lambda line: Checkpoint(canonical(line).encode()))[0], [report["keys"][0] == "failed" and report["keys"][1]]
    for (old, _), (new, seq) in zip(keys, keys[1:]):
        good = [n for n in notes if n.size == seq + 1 and n.log == new.name and n.signed_by(old) and n.signed_by(new) and (excerpt or n.root == root_of(leaves[:n.size]))]
        faults.append(not good and given and given.text != keys[-1][0].text and f"the change at {seq} is not signed with both keys")
    report.add("keys", faults)

def check_openings(report, receipts, text):
    known, seen = {r["id"]: r for r in receipts}, set()
    def read(line):
        opening = canonical(line)
        need(set(opening) == {"receipt", "pointer", "salt", "value"} and re.fullmatch("[0-9a-f]{64}", opening["salt"]), "no opening")
        receipt, pointer, salt, value = known[opening["receipt"]], opening["pointer"], bytes.fromhex(opening["salt"]), write(opening["value"]).encode()
        parts = [sha256(b"\0", value[i:i + PART]) for i in range(0, len(value), PART)]
        what, rest = (b"field", [value]) if len(parts) == 1 else (b"chunks", [len(value).to_bytes(8, "big"), root_of(parts)])
        names = "".join(t + "\0" for t in (receipt["log"], receipt["id"], pointer)).encode()
        need(receipt["commit"][pointer] == sha256(b"copilot-receipt/1/", what, b"\0", names, salt, *rest).hex(), "not the value that was committed to")
        need((receipt["id"], pointer) not in seen, "there twice")
        seen.add((receipt["id"], pointer))
    report.add("openings", each(text or b"", read)[1], "unchecked" if text is None and any(r["commit"] for r in receipts) else "held")

def check_signatures(report, checkpoint, keys, given, witnesses):
    """Of the last key, or of the given one when that is none of the log's; and of each witness that was given."""
    key = given if given and given.text not in [k.text for k, _ in keys] else keys[-1][0] if keys else None
    report.add("signature", [key and not checkpoint.signed_by(key) and "not signed by the key"], "held" if key else "unchecked")
    report.add("witnesses", [not checkpoint.signed_by(w, "cosignature/v1\ntime {}\n", 12) and f"not cosigned by {w.name}" for w in witnesses], "held" if witnesses else "unchecked")

def check_bundle(files, given, head, witnesses):
    report, manifest, excerpt = Report(), canonical(files["manifest.json"]), "paths.jsonl" in files
    lines = files["receipts.jsonl"].split(b"\n")[:-1]
    log, leaves = json.loads(lines[0])["log"], [sha256(b"\0", line) for line in lines]
    receipts, faults = each(files["receipts.jsonl"], lambda line: read_receipt(line, log))
    report.add("form", faults)
    keys = check_receipts(report, receipts, leaves, excerpt) if report["form"][0] == "held" else need(False, report["form"][1])
    if given and given.text not in [k.text for k, _ in keys]:
        report.add("opening", ["the log names another key"])
    checkpoint = Checkpoint(files["checkpoint.txt"])
    check_signatures(report, checkpoint, keys, given, witnesses)
    other = checkpoint.log != log and "the checkpoint is of another log"
    if excerpt:
        paths, faults = each(files["paths.jsonl"], lambda line: [unbase64(h, 32) for h in canonical(line)])
        faults += [other, len(paths) != len(receipts) and "not one path for each receipt"]
        faults += [root_by_path(leaf, r["seq"], checkpoint.size, path) != checkpoint.root and f"no path of {r['seq']}" for r, leaf, path in zip(receipts, leaves, paths)]
        report.add("inclusion", faults)
        report["excerpt"] = ("unchecked", "the rest of the log")
    else:
        report.add("root", [other, (len(leaves) < checkpoint.size or root_of(leaves[:checkpoint.size]) != checkpoint.root) and "another root"])
        report.add("unsigned", [], "held" if len(leaves) <= checkpoint.size else "unchecked")
        report.add("truncation", [head and head[0] > len(leaves) and "fewer receipts than the head says"], "held" if head else "unchecked")
    size = checkpoint.size if excerpt else len(leaves)
    report.head(head, head and (root_of(leaves[:head[0]]) if not excerpt else checkpoint.root if head[0] == size else None))
    check_changes(report, keys, leaves, given, files.get("rotations.jsonl", b""), excerpt)
    check_openings(report, receipts, files.get("openings.jsonl"))
    hashes = {n: hashlib.sha256(c).hexdigest() for n, c in files.items() if n != "manifest.json"}
    report.add("files", [manifest.get("files") != hashes and "other files than the manifest says"])
    first = manifest.get("format") == "copilot-receipts-bundle/1"
    said = {"format": f"copilot-receipts-bundle/{1 if first else 2}", "log": log, "size": size, "key": keys[-1][0].text if keys else None, "files": manifest.get("files"),
            "root": (checkpoint.root if excerpt else root_of(leaves)).hex(), **({"stream": manifest.get("stream")} if excerpt else {})}
    hashed = isinstance(manifest.get("files"), dict) and all(n and re.fullmatch("[0-9a-f]{64}", str(h)) for n, h in manifest["files"].items())
    report.add("manifest", [(manifest != said or not hashed) and "it says what the receipts do not", first and set(files) != NEEDED and "files that its version does not have",
                            excerpt and not {r["stream"] for r in receipts} <= {"log", manifest.get("stream")} and "receipts of other streams"])
    return report

def check_proof(data, given, head, witnesses):
    report, (start, _, note) = Report(), data.partition(b"\n\n")
    lines = start.decode().split("\n")[1:]
    receipt = unbase64(lines.pop(0)[6:]) if lines[0].startswith("extra ") else b""
    index = int(need(re.fullmatch("index (0|[1-9][0-9]{0,18})", lines.pop(0)), "no index")[1])
    path, checkpoint, read = [unbase64(line, 32) for line in lines], Checkpoint(note), read_receipt(receipt)
    report.add("form", [])
    report.add("place", [(read["seq"], read["log"]) != (index, checkpoint.log) and "of another place"])
    report.add("inclusion", [root_by_path(sha256(b"\0", receipt), index, checkpoint.size, path) != checkpoint.root and "another root"])
    check_signatures(report, checkpoint, [], given, witnesses)
    report.head(head, checkpoint.root if head and head[0] == checkpoint.size else None)
    return report

def unpacked(file):
    with zipfile.ZipFile(file) as archive:
        names = [e.filename for e in archive.infolist()]
        need(len(set(names)) == len(names) and NEEDED <= set(names) <= NEEDED | OPTIONAL, "it holds other files than a bundle does")
        need(all(e.file_size <= min(MOST_FILE, 200 * e.compress_size + (1 << 20)) for e in archive.infolist()), "it would unpack to too much")
        return {n: archive.read(n) for n in names}

def check_file(file, *given):
    try:
        data = pathlib.Path(file).read_bytes()
        return check_proof(data, *given) if data.startswith(b"c2sp.org/tlog-proof@v1\n") else check_bundle(unpacked(file), *given)
    except (*BROKEN, OSError, zipfile.BadZipFile, zlib.error) as e:
        return {"file": ("failed", f"no bundle or proof that can be read: {e!r}")}

def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file", nargs="+")
    parser.add_argument("--key", type=lambda f: Key(pathlib.Path(f).read_text().strip()))
    parser.add_argument("--expect", type=lambda e: (int(e.split(":")[0]), e.split(":")[1]))
    parser.add_argument("--witness-key", action="append", default=[], type=lambda f: Key(pathlib.Path(f).read_text().strip(), b"\x04"))
    args = parser.parse_args()
    reports = {file: check_file(file, args.key, args.expect, args.witness_key) for file in args.file}
    print(*(f"{state} {file} {name} {why}" for file, report in reports.items() for name, (state, why) in report.items()), sep="\n")
    return int(any(state == "failed" for report in reports.values() for state, _ in report.values()))

sys.exit(main())
