"""The programs whose bindings are compared, and how each is brought to a state worth looking at and kept there.

A program's command is a function of a folder of its own, in which it may put files; it returns a list, or raises
Missing with the reason if the program is not here. Their standard input stays open, and silent after `input`.
"""

import dataclasses
import os
import pathlib
import re
import shutil
import socket
import subprocess


class Missing(Exception):
    pass


@dataclasses.dataclass
class Program:
    name: str
    packages: str     # of Debian, for whoever has to install it
    command: object
    input: str = ""
    env: dict = dataclasses.field(default_factory=dict)
    maps: tuple = ()  # it is ready when files of these names are mapped
    needs_display: bool = False
    closes_log: bool = False  # it closes files it does not know when it starts: what it binds later is not logged


def found(*names):
    """The file behind the first of these commands, so that no wrapper or link stands before the program itself."""
    for name in names:
        path = shutil.which(name)
        if path:
            return os.path.realpath(path)
    raise Missing(f"no {names[0]}")


def plain(name, *arguments):
    return lambda folder: [found(name), *arguments]


PYTHON_LIBRARY = """
import importlib, pathlib, sys, sysconfig
for path in sorted(pathlib.Path(sysconfig.get_path("platstdlib"), "lib-dynload").glob("*.so")):
    try:
        importlib.import_module(path.name.split(".")[0])
    except ImportError:
        pass
sys.stdin.read()
"""
NUMPY = """
import sys, numpy, numpy.linalg, numpy.fft, numpy.random
numpy.linalg.inv(numpy.eye(300) + numpy.random.rand(300, 300))
sys.stdin.read()
"""
GTK = """
import sys, gi
gi.require_version("Gtk", "3.0")
from gi.repository import Gtk
window = Gtk.Window(title="bindings")
window.add(Gtk.Label(label="bindings"))
window.show_all()
Gtk.main()
"""
QT = """
import sys
from PyQt5 import QtCore, QtGui, QtWidgets
application = QtWidgets.QApplication(sys.argv)
label = QtWidgets.QLabel("bindings")
label.show()
application.exec()
"""
PERL_MODULES = ("POSIX Socket Encode Storable Data::Dumper List::Util Digest::SHA Compress::Raw::Zlib IO Time::HiRes "
                "Math::BigInt::FastCalc threads B DBD::SQLite XML::LibXML JSON::XS").split()


def python(script):
    return lambda folder: [found("/usr/bin/python3", "python3"), "-c", script]


def perl(folder):
    return [found("perl"), "-e", "".join(f"eval 'use {name}; 1';" for name in PERL_MODULES) + "<STDIN>"]


def apache_modules(available):
    """Every module's LoadModule line, each after those it depends on; one of the MPMs, which exclude one another.

    Not cgid: its daemon is a child that writes into the loader's log of the server, in the midst of its lines.
    """
    files = {path.stem: path.read_text() for path in sorted(available.glob("*.load"))}
    lines, seen = [], set()

    def add(name):
        if name in seen or name not in files or name == "cgid" or (name.startswith("mpm_") and name != "mpm_prefork"):
            return
        seen.add(name)
        for depended in re.findall(r"^# Depends: (.*)$", files[name], re.MULTILINE):
            for other in depended.split():
                add(other)
        lines.extend(re.findall(r"^\s*(LoadModule .*)$", files[name], re.MULTILINE))

    for name in ("mpm_prefork", *files):
        add(name)
    return lines


def apache(folder):
    available = pathlib.Path("/etc/apache2/mods-available")
    if not available.is_dir():
        raise Missing("no /etc/apache2/mods-available")
    user = "User www-data\nGroup www-data\n" if os.getuid() == 0 else ""
    config = folder / "apache.conf"
    config.write_text("\n".join(apache_modules(available)) + f"""
{user}ServerName localhost
Listen 127.0.0.1:{free_port()}
ServerRoot {folder}
DefaultRuntimeDir {folder}
Mutex pthread
PidFile {folder}/pid
ErrorLog {folder}/error.log
DocumentRoot {folder}
TypesConfig /dev/null
""")
    return [found("apache2"), "-X", "-f", str(config)]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def clang(folder):
    return [found("clang", "clang-14"), "-cc1", "-triple", "x86_64-pc-linux-gnu", "-emit-obj", "-o",
            str(folder / "out.o"), "-x", "c", "-"]


def java(folder):
    return [found("rmiregistry"), str(free_port())]


def ssh(folder):
    return [found("ssh"), "-F", "/dev/null", "-o", f"ProxyCommand={found('sleep')} 1000", "nowhere"]


def openssl(folder):
    return [found("openssl"), "s_server", "-nocert", "-provider", "default", "-provider", "legacy", "-accept",
            f"127.0.0.1:{free_port()}"]


def nginx(folder):
    config = folder / "nginx.conf"
    config.write_text(f"daemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log {folder}/error.log;\n"
                      f"events {{}}\nhttp {{\naccess_log off;\nserver {{ listen 127.0.0.1:{free_port()}; }}\n}}\n")
    return [found("nginx"), "-p", str(folder), "-c", str(config)]


def git(folder):
    subprocess.run([found("git"), "init", "-q", str(folder)], check=True)
    return [found("git"), "-C", str(folder), "cat-file", "--batch"]


MACRO = """
extern crate proc_macro;
#[proc_macro]
pub fn wait(_: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    line.parse().unwrap()
}
"""


def rustc(folder):
    """The compiler itself, in the midst of a macro that reads its standard input."""
    sysroot = subprocess.run([found_rust(), "--print", "sysroot"], capture_output=True, text=True, check=True)
    compiler = os.path.join(sysroot.stdout.strip(), "bin", "rustc")
    (folder / "waiting.rs").write_text(MACRO)
    (folder / "user.rs").write_text("waiting::wait!();\nfn main() {}\n")
    made = subprocess.run([compiler, "--edition=2021", "--crate-type=proc-macro", "--out-dir", folder,
                           folder / "waiting.rs"], capture_output=True, text=True, check=False)
    if made.returncode:
        raise Missing(f"rustc makes no proc macro: {made.stderr.strip()[:200]}")
    library, = folder.glob("libwaiting.so")
    return [compiler, "--edition=2021", "--emit=metadata", "--out-dir", str(folder), "--extern", f"waiting={library}",
            str(folder / "user.rs")]


def found_rust():
    # rustup's stands before the compiler, but knows where it is.
    path = shutil.which("rustc")
    if not path:
        raise Missing("no rustc")
    return path


PROGRAMS = [
    Program("cat", "coreutils", plain("cat")),
    Program("sleep", "coreutils", plain("sleep", "1000")),
    Program("bash", "bash", plain("bash", "--norc"), input="echo\n"),
    Program("python3", "python3", python(PYTHON_LIBRARY), maps=("libsqlite3.so", "libssl.so")),
    Program("python3-numpy", "python3-numpy", python(NUMPY), maps=("libgfortran.so", "_multiarray_umath")),
    Program("python3-gtk", "python3-gi gir1.2-gtk-3.0 xvfb", python(GTK), maps=("libgtk-3.so", "_gi."),
            needs_display=True),
    Program("gtk3-widget-factory", "gtk-3-examples xvfb", plain("gtk3-widget-factory"), maps=("libgtk-3.so",),
            needs_display=True),
    Program("python3-qt", "python3-pyqt5", python(QT), env={"QT_QPA_PLATFORM": "offscreen"},
            maps=("libqoffscreen.so", "libQt5Widgets.so")),
    Program("apache2", "apache2 libapache2-mod-php", apache, maps=("libaprutil-1.so", "mod_ssl.so", "mod_dav.so")),
    Program("clang", "clang", clang, input="int main(void) { return 0; }\n", maps=("libLLVM", "libclang-cpp.so")),
    Program("gdb", "gdb", plain("gdb", "-q", "-nx"), input="python import ctypes\n", maps=("libpython3", "_ctypes.")),
    Program("node", "nodejs", plain("node", "-e", "require('crypto').randomBytes(8); process.stdin.resume()"),
            maps=("libstdc++.so",)),
    Program("java", "default-jre-headless", java, maps=("libjvm.so", "libnet.so")),
    Program("vim", "vim", plain("vim", "-u", "NONE", "-es")),
    Program("perl", "perl libdbd-sqlite3-perl libxml-libxml-perl libjson-xs-perl", perl, maps=("POSIX.so",)),
    Program("php", "php-cli php-mbstring php-xml php-curl php-sqlite3 php-gd", plain("php", "-r", "fgets(STDIN);"),
            maps=("dom.so", "curl.so")),
    Program("ruby", "ruby", plain("ruby", "-ropenssl", "-rsocket", "-rjson", "-rzlib", "-e", "gets"),
            maps=("libruby", "openssl.so")),
    Program("git", "git", git),
    Program("openssl", "openssl", openssl, maps=("legacy.so",)),
    Program("sqlite3", "sqlite3", plain("sqlite3", ":memory:"), input="select 1;\n"),
    Program("ssh", "openssh-client", ssh, maps=("libcrypto.so",), closes_log=True),
    Program("nginx", "nginx", nginx),
    Program("rustc", "rustc", rustc, maps=("librustc_driver", "libwaiting.so")),
]
