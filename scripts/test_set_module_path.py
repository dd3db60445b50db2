"""Tests of set_module_path.sh, on a copy of the tracked files."""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent


def run(*command: str, cwd: pathlib.Path) -> subprocess.CompletedProcess:
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True)


class SetModulePath(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.copy = pathlib.Path(folder.name)
        for name in run("git", "ls-files", "-co", "--exclude-standard", cwd=ROOT).stdout.splitlines():
            target = self.copy / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target)

    def imports(self) -> list[str]:
        return run("go", "list", "-test", "-f", "{{join .Imports \"\\n\"}}", "./...", cwd=self.copy).stdout.split()

    def test_every_import_follows_and_the_module_still_builds(self) -> None:
        done = run("./scripts/set_module_path.sh", "example.org/you/vs", cwd=self.copy)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, "module path: vs -> example.org/you/vs\n")
        imports = self.imports()
        self.assertIn("example.org/you/vs/data", imports)
        self.assertEqual([i for i in imports if i.startswith("vs/")], [])
        built = run("go", "vet", "./report", "./data", cwd=self.copy)
        self.assertEqual(built.returncode, 0, built.stderr)

    def test_a_path_that_is_none_is_refused(self) -> None:
        for path in ("", "a b", "/vs", "vs/", "a//b", 'x"y'):
            done = run("./scripts/set_module_path.sh", path, cwd=self.copy)
            self.assertEqual(done.returncode, 2, path)
            self.assertIn("usage:", done.stderr)
        self.assertIn("vs/data", self.imports())


if __name__ == "__main__":
    unittest.main()
