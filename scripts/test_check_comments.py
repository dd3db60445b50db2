"""Tests of check_comments.py."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from check_comments import too_wide  # noqa: E402

LONG = "a comment of words " * 6


class TooWide(unittest.TestCase):
    def test_code(self):
        self.assertEqual(len(too_wide("a.go", f"// {LONG}\n\tx := 1 // {LONG}\n\n// short\n")), 1)
        self.assertEqual(too_wide("a.go", "// https://" + "x" * 120), [])
        self.assertEqual(too_wide("a_example_test.go", f"// {LONG}"), [])
        self.assertEqual(too_wide("a.go", f"//   {LONG}"), [])
        self.assertEqual(len(too_wide("a.sh", f"# {LONG}")), 1)

    def test_documents(self):
        self.assertEqual(len(too_wide("a.md", f"{LONG}\n\n| {LONG} |\n\n```\n{LONG}\n```\n- {LONG}\n")), 2)


if __name__ == "__main__":
    unittest.main()
