"""Tests of setup.sh, with a PATH on which cmake is missing."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

SETUP = pathlib.Path(__file__).resolve().parent / "setup.sh"


class Setup(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.bin = pathlib.Path(folder.name)
        for name in ("bash", "gcc", "g++", "cat", "env", "uname", "sudo"):
            if found := shutil.which(name):
                (self.bin / name).symlink_to(found)
        self.make("go")

    def make(self, name: str, script: str = "exit 0") -> None:
        (self.bin / name).write_text(f"#!/usr/bin/env bash\n{script}\n")
        (self.bin / name).chmod(0o755)

    def run_setup(self, *args: str, **variables: str) -> subprocess.CompletedProcess:
        environment = {k: v for k, v in os.environ.items() if k not in ("NO_INSTALL", "LIBTORCH")}
        environment |= {"PATH": str(self.bin)} | variables
        return subprocess.run([SETUP, *args], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)

    def test_print_shows_the_command_and_runs_nothing(self) -> None:
        self.make("apt-get", "echo ran >&2; exit 1")
        done = self.run_setup("--print", "check")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"apt-get install -y --no-install-recommends .*cmake .*clang-format")

    def test_no_install_fails_and_says_what_is_missing_and_why(self) -> None:
        self.make("apt-get", "echo ran >&2; exit 1")
        done = self.run_setup(NO_INSTALL="1")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"cmake +builds the C\+\+ library")
        self.assertNotIn("ran", done.stderr)

    def test_without_a_terminal_it_says_what_it_installs_and_does(self) -> None:
        self.make("apt-get", 'echo "apt-get $*"')
        self.make("sudo", '"$@"')
        done = self.run_setup()
        self.assertEqual(done.returncode, 0, done.stderr)
        said = done.stderr.index("missing on this machine")
        self.assertLess(said, done.stderr.index("apt-get update"))
        self.assertRegex(done.stderr, r"apt-get install -y --no-install-recommends .*cmake")

    def test_a_failed_install_names_the_other_way(self) -> None:
        self.make("apt-get", "[[ $1 == update ]]")
        self.make("sudo", '"$@"')
        done = self.run_setup()
        self.assertEqual(done.returncode, 1)
        self.assertIn("apt-get could not install", done.stderr)
        self.assertIn("LIBTORCH=/path/to/libtorch make", done.stderr)


if __name__ == "__main__":
    unittest.main()
