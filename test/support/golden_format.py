"""The lit format of test/diag/ and other folders of goldens: one test for each X.sb; see golden.py."""
import os
import pathlib
import subprocess

import lit.Test
import lit.formats

import golden


class GoldenTest(lit.formats.FileBasedTest):
    def __init__(self, sbpc):
        super().__init__()
        self.sbpc = sbpc

    def execute(self, test, lit_config):
        path = pathlib.Path(test.getSourcePath())
        if not os.access(self.sbpc, os.X_OK):
            return lit.Test.UNRESOLVED, f"{self.sbpc} is not built"
        try:
            problems = golden.check(path, self.sbpc)
        except (subprocess.SubprocessError, OSError) as error:
            return lit.Test.FAIL, str(error)
        return (lit.Test.FAIL, "\n".join(problems)) if problems else (lit.Test.PASS, "")
