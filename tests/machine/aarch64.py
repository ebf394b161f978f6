#!/usr/bin/env python3
"""The tests on a Linux for aarch64, with a kernel and a loader of its own, in qemu: `make check-aarch64`.

Debian's packages for that machine are fetched, not installed; polyton, its unit tests and the fixtures of C and C++ are
built with the cross compiler; all of it becomes the RAM disk that the kernel boots with. Needs apt, qemu-system-aarch64,
cpio and aarch64-linux-gnu-g++ (Debian: qemu-system-arm, cpio, g++-aarch64-linux-gnu). What was fetched stays in FOLDER.

usage: aarch64.py FOLDER [PYTEST-ARGUMENT...]

Exit status: 0 all passed, 1 some tests failed, 2 could not be tried.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
ARM = "aarch64-linux-gnu"
TOOLS = ("apt-get", "dpkg-deb", "cpio", "gzip", "qemu-system-aarch64", f"{ARM}-g++")
BUILT_WITH = ("libc6-dev libstdc++-12-dev libelf-dev libjansson-dev libyaml-dev libxxhash-dev libdwarf-dev libiberty-dev "
              "libncurses-dev zlib1g-dev libzstd-dev liblzma-dev libcmocka-dev").split()
RUN_WITH = "libc-bin dash bash coreutils grep sed procps busybox-static python3 python3-pytest gdb".split()
KERNEL = "linux-image-arm64"
# Nothing that is run needs these.
LEFT_OUT = ("./boot", "./usr/include", "./usr/share/doc", "./usr/share/man", "./usr/share/locale", "./usr/share/info",
            "*.a", "*.o", "*/__pycache__", "*/python3.11/test")
FIXTURES = ("fixtures-portable", "fixture-02_tls_truth", "fixture-03_churn")
# Fixture 01 is Rust's.
TESTS = [*(f"tests/cli/{name}" for name in (
    "test_02_tls_truth.py", "test_03_churn.py", "test_fixtures.py", "test_10_merged.py", "test_core.py")), "-k", "'not 01_'"]
MEMORY = 4096       # MiB
PATIENCE = 3600     # seconds
INIT = """#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev; mount -t tmpfs tmp /tmp
mkdir -p /dev/pts /dev/shm; mount -t devpts pts /dev/pts; mount -t tmpfs shm /dev/shm; ln -s /proc/self/fd /dev/fd
cd /work
export PATH=/usr/bin:/bin HOME=/tmp LC_ALL=C.UTF-8 TERM=dumb
export POLYTON=/work/build/polyton POLYTON_BUILD=/work/build POLYTON_FIXTURES=/work/fixtures-built
export POLYTON_DWARF_WORKER=/work/build/polyton-dwarf POLYTON_CHURN_CELLS=20000
# Callers are not found on this machine (arch_tracing), so test_unwind is empty.
sh tests/checks/unit.sh build $(ls build/tests/test_* | grep -v test_unwind); unit=$?
python3 -m pytest -q -rsfE -p no:cacheprovider {arguments}; echo "machine: unit $unit pytest $?"
poweroff -f
"""


class Failed(Exception):
    pass


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], check=False, **options)
    if done.returncode:
        raise Failed(f"{command[0]}: exit status {done.returncode}")
    return done


def apt(folder, *words, **options):
    """apt-get for that machine, with state of its own."""
    state = folder / "apt"
    for part in ("lists/partial", "archives/partial"):
        (state / part).mkdir(parents=True, exist_ok=True)
    (state / "status").touch()
    settings = {"APT::Architecture": "arm64", "APT::Architectures": "arm64", "Dir::State::lists": state / "lists",
                "Dir::State::status": state / "status", "Dir::Cache": state, "Debug::NoLocking": "1"}
    return run("apt-get", "-q", "-y", *(word for pair in settings.items() for word in ("-o", "{}={}".format(*pair))),
               *words, **options)


def unpack(folder):
    """The packages in FOLDER/root, the kernel in FOLDER/kernel."""
    if (folder / "root/done").exists():
        return
    apt(folder, "update", stdout=subprocess.DEVNULL)
    packages = [*BUILT_WITH, *RUN_WITH]
    apt(folder, "install", "--download-only", "--no-install-recommends", *packages, stdout=subprocess.DEVNULL)
    plan = apt(folder, "install", "-s", "--no-install-recommends", KERNEL, stdout=subprocess.PIPE, text=True).stdout
    kernel = re.search(r"^Inst (linux-image-\d\S*)", plan, re.MULTILINE)
    if not kernel:
        raise Failed(f"apt knows no kernel for {KERNEL}")
    shutil.rmtree(folder / "kernel", ignore_errors=True)
    (folder / "kernel").mkdir()
    apt(folder, "download", kernel[1], cwd=folder / "kernel", stdout=subprocess.DEVNULL)
    run("dpkg-deb", "-x", next((folder / "kernel").glob("*.deb")), folder / "kernel")
    for package in sorted((folder / "apt/archives").glob("*.deb")):
        run("dpkg-deb", "-x", package, folder / "root")
    (folder / "root/done").touch()


def build(folder):
    """polyton, the unit tests and fixtures, by the cross compiler with that machine's libraries."""
    root = folder / "root"
    environment = {**os.environ, "PKG_CONFIG_SYSROOT_DIR": str(root),
                   "PKG_CONFIG_LIBDIR": f"{root}/usr/lib/{ARM}/pkgconfig:{root}/usr/share/pkgconfig"}
    for name in ("MAKEFLAGS", "MFLAGS"):
        environment.pop(name, None)
    run("make", "-j2", "-s", f"BUILD={folder / 'build'}", f"CC={ARM}-gcc --sysroot={root}", f"LD={ARM}-ld", f"AR={ARM}-ar",
        f"OBJCOPY={ARM}-objcopy", "all", "test-programs", cwd=ROOT, env=environment)
    run("make", "-j2", "-s", f"FIXTURES_BUILD={folder / 'fixtures'}", f"ARM_FIXTURES={' '.join(FIXTURES)}", "fixtures-aarch64",
        cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)


def make_disk(folder, arguments):
    disk, work = folder / "disk", folder / "disk/work"
    shutil.rmtree(disk, ignore_errors=True)
    left_out = [word for pattern in LEFT_OUT for word in ("-path", pattern, "-prune", "-o")]
    names = run("find", ".", *left_out, "-print", cwd=folder / "root", stdout=subprocess.PIPE).stdout
    disk.mkdir()
    run("cpio", "-pdm", "--quiet", disk, cwd=folder / "root", input=names)
    for name in ("proc", "sys", "dev", "tmp", "work/build"):
        (disk / name).mkdir(parents=True, exist_ok=True)
    for name in ("polyton", "polyton-dwarf", "libpolyton.so", "libpolyton.so.0"):
        shutil.copy2(folder / "build" / name, work / "build", follow_symlinks=False)
    shutil.copytree(folder / "build/tests", work / "build/tests")
    shutil.copytree(folder / "fixtures/aarch64", work / "fixtures-built", symlinks=True)
    for name in ("tests", "fixtures"):
        shutil.copytree(ROOT / name, work / name, ignore=shutil.ignore_patterns("__pycache__"))
    (disk / "etc/passwd").write_text("root:x:0:0:root:/tmp:/bin/sh\n")
    (disk / "init").write_text(INIT.format(arguments=" ".join(arguments)))
    (disk / "init").chmod(0o755)
    if not os.path.lexists(disk / "lib/ld-linux-aarch64.so.1"):
        (disk / "lib").mkdir(exist_ok=True)
        os.symlink(f"/usr/lib/{ARM}/ld-linux-aarch64.so.1", disk / "lib/ld-linux-aarch64.so.1")
    (folder / "names").write_bytes(run("find", ".", cwd=disk, stdout=subprocess.PIPE).stdout)
    with open(folder / "names", "rb") as names, open(folder / "disk.gz", "wb") as packed:
        archive = subprocess.Popen(["cpio", "-o", "-H", "newc", "--quiet"], cwd=disk, stdin=names, stdout=subprocess.PIPE)
        squeeze = subprocess.Popen(["gzip", "-1"], stdin=archive.stdout, stdout=packed)
        archive.stdout.close()
        if archive.wait() | squeeze.wait():
            raise Failed("the RAM disk cannot be packed")


def boot(folder):
    """What the tests print goes to standard output; the exit status of both kinds."""
    kernel = next((folder / "kernel/boot").glob("vmlinuz-*"))
    machine = ["qemu-system-aarch64", "-M", "virt", "-cpu", "max,pauth-impdef=on", "-smp", "2", "-m", str(MEMORY), "-display",
               "none", "-nodefaults", "-nic", "none", "-serial", "stdio", "-no-reboot", "-kernel", kernel, "-initrd",
               folder / "disk.gz", "-append", "console=ttyAMA0 quiet panic=-1 rdinit=/init"]
    found = None
    with subprocess.Popen(["timeout", str(PATIENCE), *map(str, machine)], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE) as process:
        for line in process.stdout:
            text = line.decode(errors="replace").rstrip("\r\n")
            print(text, flush=True)
            found = re.search(r"^machine: unit (\d+) pytest (\d+)$", text) or found
    if not found:
        raise Failed("the machine ended before the tests did")
    return int(found[1]), int(found[2])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path, help="where all of it goes")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="what pytest runs (default: the oracles)")
    options = parser.parse_args()
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        raise Failed(f"not installed: {', '.join(missing)}")
    folder = options.folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    unpack(folder)
    build(folder)
    make_disk(folder, options.arguments or TESTS)
    return 1 if any(boot(folder)) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as reason:
        print(f"aarch64.py: {reason}", file=sys.stderr)
        sys.exit(2)
