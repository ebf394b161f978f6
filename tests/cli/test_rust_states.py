"""Thread-locals of Rust that are constants with a destructor: alive or destroyed, thread by thread.

Up to 1.79 std keeps the state in a variable beside the value, later in one with it. The programs say themselves, in
which thread, what they have used and what has been dropped; one thread waits in the middle of its destructors.
"""

import pathlib
import shutil
import subprocess

import pytest

# Compiled once as a program and once as a library, which the program calls, too.
SOURCE = r"""
use std::cell::{Cell, RefCell};
extern "C" { fn gettid() -> i32; fn pause() -> i32; }
pub struct Noisy(&'static str, u64);
impl Drop for Noisy {
    fn drop(&mut self) {
        println!("destroyed {} {} {}", WHERE, self.0, unsafe { gettid() });
        if self.0 == "WAITS" { READY.wait(); loop { unsafe { pause(); } } }
    }
}
static READY: Barrier = Barrier::new();
struct Barrier(std::sync::atomic::AtomicUsize);
impl Barrier {
    const fn new() -> Self { Barrier(std::sync::atomic::AtomicUsize::new(0)) }
    fn wait(&self) { self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst); }
    fn count(&self) -> usize { self.0.load(std::sync::atomic::Ordering::SeqCst) }
}
#[cfg(library)] const WHERE: &str = "library.so";
#[cfg(not(library))] const WHERE: &str = "program";
pub mod app {
    use super::*;
    thread_local! {
        pub static WAITS: RefCell<Noisy> = const { RefCell::new(Noisy("WAITS", 0)) };
        pub static NOISY: RefCell<Noisy> = const { RefCell::new(Noisy("NOISY", 0)) };
        pub static OTHER: RefCell<Noisy> = const { RefCell::new(Noisy("OTHER", 0)) };
        pub static QUIET: Cell<u64> = const { Cell::new(3) };
        pub static LAZY: RefCell<Noisy> = RefCell::new(Noisy("LAZY", 1));
    }
}
// Two variables of one path: only a hash tells which state is whose.
fn twins(which: bool) {
    if which {
        thread_local! { static TWIN: RefCell<Noisy> = const { RefCell::new(Noisy("TWIN", 0)) } }
        touch("TWIN", &TWIN);
    } else {
        thread_local! { static TWIN: RefCell<Noisy> = const { RefCell::new(Noisy("TWIN", 0)) } }
        touch("TWIN", &TWIN);
    }
}
fn touch(name: &str, key: &'static std::thread::LocalKey<RefCell<Noisy>>) {
    key.with(|cell| cell.borrow_mut().1 += 1);
    println!("used {} {} {}", WHERE, name, unsafe { gettid() });
}
#[no_mangle] #[inline(never)]
pub extern "C" fn ENTRY(what: u32) {
    if what & 1 != 0 { touch("WAITS", &app::WAITS); }
    if what & 2 != 0 { touch("NOISY", &app::NOISY); }
    if what & 4 != 0 { touch("OTHER", &app::OTHER); }
    if what & 8 != 0 { touch("LAZY", &app::LAZY); app::QUIET.with(|cell| cell.set(cell.get() + 1)); }
    if what & 16 != 0 { twins(true); }
    if what & 32 != 0 { twins(false); }
}
#[cfg(not(library))] extern "C" { fn library(what: u32); }
#[cfg(not(library))]
fn main() {
    // Destructors run from the newest to the oldest: the third thread waits with NOISY destroyed.
    for what in [2, 8 | 4, 1 | 2, 0, 16] {
        std::thread::spawn(move || {
            ENTRY(what);
            unsafe { library(what & !1); }
            if what & 1 == 0 { READY.wait(); loop { unsafe { pause(); } } }
        });
    }
    ENTRY(4);
    while READY.count() < 5 { std::thread::yield_now(); }
    println!("ready {}", std::process::id());
    loop { unsafe { pause(); } }
}
"""

COMPILERS = {"current": shutil.which("rustc"), "distribution": "/usr/bin/rustc"}
STATES = {"used": "alive", "destroyed": "destroyed"}


def compile_both(folder, rustc, flags):
    (folder / "library.rs").write_text(SOURCE.replace("ENTRY", "library"))
    (folder / "program.rs").write_text(SOURCE.replace("ENTRY", "program"))
    common = [rustc, "--edition", "2021", "--crate-name", "desk", "-g", "-A", "warnings", *flags]
    subprocess.run([*common, "--cfg", "library", "--crate-type", "cdylib", "-o", folder / "liblibrary.so",
                    folder / "library.rs"], check=True)
    subprocess.run([*common, "-o", folder / "program", folder / "program.rs", "-L", folder, "-l", "dylib=library",
                    "-C", "link-args=-Wl,-rpath,$ORIGIN"], check=True)


@pytest.fixture
def look(start, polyton_json, tmp_path):
    def run(compiler, flags):
        rustc = COMPILERS[compiler]
        if not rustc or not pathlib.Path(rustc).exists():
            pytest.skip(f"no {compiler} rustc")
        if subprocess.run([rustc, "--version"], capture_output=True).returncode:
            pytest.skip(f"{rustc} does not work")
        compile_both(tmp_path, rustc, flags)
        running = start([tmp_path / "program"])
        report = polyton_json("report", "--all", running.pid)
        said = {}
        for line in running.lines:
            word, where, name, tid = line.split()
            said[where, name, int(tid)] = STATES[word]
        return said, {row["name"].split("::")[-1]: row["copies"] for row in report["singletons"]
                      if row["name"].startswith("desk::") and row["kind"] == "tls"}

    return run


def states(copies, name):
    return {(copy["object"].removeprefix("lib"), name, cell["tid"]): cell["value"]["state"]
            for copy in copies for cell in copy["cells"] if cell["value"]}


@pytest.mark.parametrize("flags", [["-Copt-level=0"], ["-Copt-level=2"], ["-Copt-level=3", "-Ccodegen-units=1"],
                                   ["-Copt-level=2", "-Csymbol-mangling-version=v0"]], ids=" ".join)
@pytest.mark.parametrize("compiler", COMPILERS)
def test_states_are_what_the_program_said(look, compiler, flags):
    said, rows = look(compiler, flags)
    assert {"WAITS", "NOISY", "OTHER", "QUIET", "LAZY"} <= set(rows)
    assert set(said.values()) == {"alive", "destroyed"}
    for name in ("NOISY", "OTHER", "LAZY", "WAITS"):
        seen = states(rows[name], name)
        rest = "uninitialised" if name == "LAZY" else "plain"
        assert {where for where, _, _ in seen} == {"program", "library.so"}
        expected = {key: said.get(key, rest) for key in seen}
        assert seen == expected, name
        assert {key for key in said if key[1] == name} <= set(seen)
    assert set(states(rows["QUIET"], "QUIET").values()) == {"plain"}


@pytest.mark.parametrize("compiler", COMPILERS)
def test_of_two_with_one_path_no_wrong_word(look, compiler):
    said, rows = look(compiler, ["-Copt-level=0"])
    seen = [(where, tid, state) for copy in rows.get("TWIN", []) for (where, _, tid), state in
            states([copy], "TWIN").items()]
    assert all(state == "plain" or state == said.get((where, "TWIN", tid)) for where, tid, state in seen)
