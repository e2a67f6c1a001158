"""Runs the benches and prints the table; writes out/bench.json. See docs/benchmarks.md."""

import argparse
import json
import os
import re
import subprocess
import sys

from harness import PEERS, ROOT, ROWS, WORK, Contender, Row, duel, fixtures, load_all, machine

FIRST = "copy_256m"  # identifies the machine's speed, so it always runs first


def cpp_rows(build: dict) -> list[Row]:
    rows = []
    for row in build["rows"]:
        recorded = (row["recorded_peer"], row["recorded_ms"]) if row["recorded_peer"] else None
        rows.append(Row(row["name"], row["work"], Contender("bisque"), row["note"], row["needs"], recorded))
        if row["peer"]:
            PEERS[row["name"]] = Contender(row["peer"])
    return rows


def all_rows(build: dict) -> list[Row]:
    load_all()
    rows = {row.name: row for row in cpp_rows(build)}
    if twice := rows.keys() & ROWS.keys():
        raise SystemExit(f"bench: declared in C++ and in Python: {', '.join(sorted(twice))}")
    rows |= ROWS
    if unknown := PEERS.keys() - rows.keys():
        raise SystemExit(f"bench: a peer is given for a row that is not there: {', '.join(sorted(unknown))}")
    return sorted(rows.values(), key=lambda row: (row.name != FIRST, row.name))


class Fixtures:
    """Makes each fixture once, when a row first needs it."""

    def __init__(self):
        self.missing: dict[str, str | None] = {"": None}

    def why_missing(self, name: str) -> str | None:
        if name not in self.missing:
            try:
                fixtures.FIXTURES[name]()
                self.missing[name] = None
            except fixtures.Missing as missing:
                self.missing[name] = str(missing)
        return self.missing[name]


def measure(row: Row, threads: int) -> dict:
    peer = PEERS.get(row.name)
    ours, theirs, memory = duel.run(row, peer, threads)
    label = peer.label if peer else None
    if row.recorded and not peer:
        label, theirs = row.recorded
    return {
        "name": row.name,
        "work": row.work,
        "unit": "ms",
        "ours": round(ours, 4),
        "peer_name": label,
        "peer": theirs and round(theirs, 4),
        "paired": peer is not None,
        "ratio": theirs and round(theirs / ours, 3),
        "memory_mib": round(memory, 1),
        "note": row.note,
    }


def line(row: dict) -> str:
    peer = f"{row['peer']:10.3f}" if row["peer"] else f"{'':10}"
    ratio = f"{row['ratio']:7.2f}" if row["ratio"] else f"{'':7}"
    name = row["peer_name"] or ""
    if row["peer"] and not row["paired"]:
        name += " (recorded)"
    return f"{row['name']:28}{row['ours']:10.3f}{peer}{ratio}{row['memory_mib']:9.1f}  {name}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--filter", default=".", help="regex that is searched for in the names of rows")
    parser.add_argument("--threads", type=int, default=2, help="threads of each side, ours and the peer's")
    args = parser.parse_args()
    try:
        wanted = re.compile(args.filter)
    except re.error as error:
        parser.error(f'--filter is "{args.filter}", which is no regex: {error}')
    os.environ.setdefault("BISQUE_SHARED", str(ROOT.parent / "shared"))
    WORK.mkdir(parents=True, exist_ok=True)
    listing = subprocess.run([ROOT / "build/bin/bisque_bench", "--list"], check=True, text=True, capture_output=True)
    build = json.loads(listing.stdout)
    about = machine.describe(build, args.threads)
    print(f"{about['cpu']}, {about['cores']} cores, {about['memory_gib']} GiB; {args.threads} threads; {about['date']}")
    print(f"{'row':28}{'ours ms':>10}{'peer ms':>10}{'ratio':>7}{'MiB':>9}  peer", flush=True)

    made, rows, failed = Fixtures(), [], False
    for row in all_rows(build):
        if row.name != FIRST and not wanted.search(row.name):
            continue
        if why := made.why_missing(row.needs):
            print(f"{row.name:28}skipped: {why}", flush=True)
            continue
        try:
            rows.append(measure(row, args.threads))
            print(line(rows[-1]), flush=True)
        except duel.ContenderFailed as error:
            failed = True
            print(f"{row.name:28}FAILED: {error}", flush=True)
    path = ROOT / "out/bench.json"
    path.write_text(json.dumps({"machine": about, "rows": rows}, indent=1) + "\n")
    print(f"bench: {path}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
