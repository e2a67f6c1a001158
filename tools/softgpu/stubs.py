#!/usr/bin/env python3
"""Writes assembly for every entry point of a real library, or of a header, that the replacement library lacks.

usage: stubs.py OUTPUT.S REAL_LIBRARY|HEADER.h PREFIX_REGEX STUB_FUNCTION OBJECT...
A name with _ptsz or _ptds jumps to the plain function where that one is written.
STUB_FUNCTION: called with the name; "=N": return the number N.
"""

import pathlib
import re
import subprocess
import sys

MACROS = """\
#if defined(__aarch64__)
#define JUMP(function) b function
#define RETURN(number) mov w0, number; ret
#define NAMED(stub, name) adrp x0, name; add x0, x0, :lo12:name; b stub
#else
#define JUMP(function) jmp function@PLT
#define RETURN(number) movl $number, %eax; ret
#define NAMED(stub, name) leaq name(%rip), %rdi; jmp stub@PLT
#endif
\t.text
"""


def symbols(path: str, *flags: str) -> set[str]:
    text = subprocess.run(["nm", *flags, path], check=True, capture_output=True, text=True).stdout
    return {line.split()[-1].split("@")[0] for line in text.splitlines() if re.search(r" [TW] ", line)}


def declared(header: str) -> set[str]:
    """Functions of cuda.h, their versions (cuMemAlloc_v2) and per-thread-stream twins; extra ones are harmless."""
    text = pathlib.Path(header).read_text()
    names = set(re.findall(r"\b(cu[A-Z]\w*)\s*\(", text)) | set(re.findall(r"\bcu[A-Z]\w*_v\d\b", text))
    return names | {name + tail for name in names for tail in ("_ptsz", "_ptds")}


def body(name: str, label: str, stub: str, have: set[str]) -> str:
    base = re.sub(r"_pt[sd][sz]$", "", name)
    if base != name and base in have:
        return f"\tJUMP({base})\n"
    if stub.startswith("="):
        return f"\tRETURN({stub[1:]})\n"
    return f'\tNAMED({stub}, {label})\n{label}:\t.asciz "{name}"\n\t.balign 4\n'


def main() -> None:
    output, real, prefix, stub, *objects = sys.argv[1:]
    have = set().union(*(symbols(path) for path in objects))
    offered = declared(real) if real.endswith(".h") else symbols(real, "-D")
    text = MACROS
    for i, name in enumerate(sorted(name for name in offered - have if re.match(prefix, name))):
        text += f"\t.globl {name}\n\t.type {name},%function\n{name}:\n"
        text += body(name, f".Ls{i}", stub, have) + f"\t.size {name}, .-{name}\n"
    pathlib.Path(output).write_text(text + '\t.section .note.GNU-stack,"",%progbits\n')


main()
