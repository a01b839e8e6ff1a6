from pathlib import Path

from launcher.testing import counts

REPORT = """<testsuites>
<testsuite name="pytest" errors="1" failures="2" skipped="3" tests="20" time="1"/>
</testsuites>"""


def test_skipped_tests_count_as_neither_passed_nor_failed(tmp_path: Path) -> None:
    report = tmp_path / "junit.xml"
    report.write_text(REPORT)
    assert counts(report) == (14, 3)
