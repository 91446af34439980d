"""The report a person reads, written from the figures."""

from typing import Any

_INTRO = """# Privacy proof

Written by `make privacy-proof`; every figure below comes from that run, in
[measurements/privacy-proof.json](measurements/privacy-proof.json).

The command starts the whole site, lets {people} employees live a day on it (sign-up, vault, consent, {captures}
snapshots of a real face, {checkins} check-ins with a note, suggestions and answers), and then plays each attacker whom
the [threat model](threat-model.md) counts as in scope. It knows every secret of the day ({needles} byte strings: notes,
passphrases, recovery codes, cookies, private keys, probabilities, pieces of the snapshots) and looks for each of them
in whatever an attacker gets to hold, as it stands, in hexadecimal, Base64 and UTF-16, and inflated. A search that finds
nothing proves something only if it can find: so each has a control that must find what is certainly there, or the
command fails.

**Entries read by the attackers in scope: {read} of {entries}. Moods told apart: {told_apart}. Captures sealed to
another's key: {sealed_to_another}. {flips:,} bit flips and {mutations:,} altered histories: {accepted} accepted.
{requests:,} requests to every address as {roles}: {leaks} leaks.**
"""

_TABLE = "| attacker | attempts | read | believed |\n|---|---:|---:|---:|\n"
_END = """
## What is not in this proof

Whoever has taken over the running server sees what passes through it from then on, and whoever runs the server can
change its program: no test of the program can show otherwise. The [threat model](threat-model.md) says so at length.
"""


def write_markdown(result: dict[str, Any]) -> str:
    figures = result["figures"]
    rows = "".join(
        f"| {a['name']} | {a['attempts']:,} | {len(a['read'])} | {len(a['accepted'])} |\n"
        for a in result["attacks"]
        if a["in_scope"]
    )
    sections = "".join(_section(attack) for attack in result["attacks"])
    took = f"\nThe run took {result['seconds']:.0f} seconds and began at {result['began']}.\n"
    return _INTRO.format(**figures) + "\n" + _TABLE + rows + sections + _END + took


def _section(attack: dict[str, Any]) -> str:
    lines = [
        f"\n## {attack['name']}\n",
        f"Holds: {attack['holds']}.\n",
        "Tried:\n",
        *(f"* {line}" for line in attack["tried"]),
        "",
    ]
    if attack["learned"]:
        lines += ["Learned, as metadata:\n", *(f"* {line}" for line in attack["learned"]), ""]
    said = ", ".join(attack["read"]) if attack["read"] else "nothing"
    lines.append(f"Read: {said}." if attack["in_scope"] else f"Found, though nothing is promised here: {said}.")
    lines.append(f"The search found, as it must: {attack['control']}.\n")
    return "\n".join(lines)
