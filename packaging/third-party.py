"""The licences of everything that is linked into the program, for those who pass it on.

Usage: third-party.py TARGET    reads `cargo metadata`; writes the text to standard output
"""

import json
import os
import pathlib
import subprocess
import sys

NAMES = ("license", "licence", "copying", "notice", "unlicense", "copyright")


def linked(target):
    """The crates that end up in the program: no build scripts, no macros, no tests."""
    metadata = json.loads(
        subprocess.check_output(
            [os.environ.get("CARGO", "cargo"), "metadata", "--format-version=1", "--locked", "--filter-platform", target]
        )
    )
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    todo, seen = [metadata["resolve"]["root"]], set()
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        for dependency in nodes[name]["deps"]:
            package = packages[dependency["pkg"]]
            macro = any("proc-macro" in part["kind"] for part in package["targets"])
            if not macro and any(kind["kind"] is None for kind in dependency["dep_kinds"]):
                todo.append(dependency["pkg"])
    seen.discard(metadata["resolve"]["root"])
    return sorted((packages[name] for name in seen), key=lambda package: (package["name"], package["version"]))


def texts(package):
    folder = pathlib.Path(package["manifest_path"]).parent
    files = [path for path in folder.rglob("*") if path.is_file() and path.name.lower().startswith(NAMES)]
    files = [path for path in files if path.suffix.lower() in ("", ".txt", ".md", ".rst") or "license" in path.suffix.lower()]
    return sorted((str(path.relative_to(folder)), path.read_text(errors="replace").strip()) for path in files)


def main():
    known = {}
    print("awsig has these linked in, besides Rust's standard library (MIT OR Apache-2.0) and musl (MIT).")
    print("Texts that are the same are printed once.\n")
    for package in linked(sys.argv[1]):
        print(f"== {package['name']} {package['version']}: {package['license']}")
        found = texts(package)
        if not found:
            print(f"   the package holds no licence text; its terms are those of {package['license']}")
        for name, text in found:
            key = " ".join(text.split())
            if key in known:
                print(f"   {name}: as {known[key]}")
            else:
                known[key] = f"{name} of {package['name']} {package['version']}"
                print(f"-- {name}\n{text}\n")


main()
