"""The defects' mechanism, on a small program made for each test: a defect reaches every process, or nothing starts."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fixtures import defects

PROGRAM = {
    "__init__.py": "",
    "__main__.py": """
        import multiprocessing
        import sys

        from shop.report import report

        if sys.argv[1:]:
            child = multiprocessing.get_context(sys.argv[1]).Process(target=report)
            child.start()
            child.join()
        report()
    """,
    "report.py": """
        from shop.late import total
        from shop.rules import LIMIT, Refunds, doubled

        def report():
            print(Refunds().check(5), doubled(2), total(3), LIMIT, flush=True)
    """,
    "rules.py": '''
        import asyncio

        LIMIT = 10

        def traced(function):
            def traced(*arguments):
                return function(*arguments)
            return traced

        class Refunds:
            @traced
            def check(self, amount):
                """Whether the amount may be refunded."""
                if amount > LIMIT:
                    return "above"
                elif amount == LIMIT:
                    return "at"
                return "within"

            def settle(self):
                """Never called here."""
                return self

        captured = Refunds.check

        async def later(number):
            return number

        def doubled(number):
            return asyncio.run(later(number)) * 2
    ''',
    "late.py": """
        def total(number):
            if number > 100:
                number = 100
            return number + 1
    """,
    "unused.py": """
        def never():
            return 1
    """,
}

DEFECT = """
from fixtures.defects import Defect, Family, Seam, Source

async def later(original, number):
    return await original(number) + 100

def check(original, self, amount):
    return original(self, amount) + " and more"

def describe(id, *changes):
    return Defect(
        id=id, title="A title", family=Family.REFUNDS, mechanism="It does.", origin="a test", cwe="CWE-840",
        severity="high", rule="A rule", check="tests/suite/test_defects_mechanism.py", changes=changes,
    )

DEFECTS = [{defects}]
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """The folder of a package `shop`, run by `python -m shop`."""
    for name, text in PROGRAM.items():
        file = tmp_path / "shop" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(textwrap.dedent(text))
    return tmp_path


@pytest.fixture
def carry(program: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, str]]:
    """Writes a defect with these changes outside the repository, and returns the variables that switch it on."""
    monkeypatch.setenv("ASHORE_DEFECT_HITS", str(program / "hits"))

    def carry(*changes: str) -> dict[str, str]:
        file = program / "mine.py"
        file.write_text(DEFECT.format(defects=f"describe('mine', {', '.join(changes)})"))
        return defects.environment(str(file))

    return carry


def start(folder: Path, variables: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "shop", *arguments]
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.run(
        command, cwd=folder, env={**plain, **variables}, capture_output=True, text=True, check=False, timeout=30
    )


def test_without_a_defect_the_program_is_as_written(program):
    assert start(program, {}).stdout == "within 4 4 10\n"


def test_a_seam_is_replaced_beneath_its_decorators_and_its_first_hit_is_recorded(program, carry):
    variables = carry("Seam('shop.rules:Refunds.check', check)")
    assert start(program, variables).stdout == "within and more 4 4 10\n"
    (hit,) = defects.hits(variables)
    assert (hit.defect, hit.kind, hit.change) == ("mine", "hit", "shop.rules:Refunds.check")


def test_a_coroutine_function_stays_one(program, carry):
    assert start(program, carry("Seam('shop.rules:later', later)")).stdout == "within 204 4 10\n"


def test_a_piece_of_source_is_replaced_and_known_to_have_run(program, carry):
    variables = carry("Source('shop.late', 'number + 1', 'number - 1')")
    assert start(program, variables).stdout == "within 4 2 10\n"
    assert [hit.change for hit in defects.hits(variables)] == ["shop.late: number + 1"]


def test_several_changes_make_one_defect(program, carry):
    variables = carry(
        "Seam('shop.rules:Refunds.check', check)",
        "Source('shop.rules', 'LIMIT = 10', 'LIMIT = 1')",
        "Source('shop.rules', '\"above\"', '\"far above\"')",
        "Source('shop.late', '100', '2', times=2)",
    )
    assert start(program, variables).stdout == "far above and more 4 3 1\n"
    assert {hit.change.partition(":")[0] for hit in defects.hits(variables)} == {"shop.rules", "shop.late"}


@pytest.mark.parametrize(
    ("old", "new", "runs"),
    [
        ("    @traced\\n", "", True),
        ("def check(self, amount)", "def check(self, amount=1)", True),
        ("def settle(self)", "def settle(self, amount=1)", False),
        ("return self\\n", "pass\\n", False),
        ("elif amount", "elif 2 * amount", True),
        ("LIMIT = 10", "LIMIT = 9", True),
    ],
)
def test_a_piece_in_a_functions_head_has_run_when_the_function_was_called(program, carry, old, new, runs):
    variables = carry(f"Source('shop.rules', '{old}', '{new}')")
    assert start(program, variables).returncode == 0
    if runs:
        assert defects.hits(variables)
    else:
        with pytest.raises(defects.DefectError, match="never ran"):
            defects.hits(variables)


def test_code_that_was_changed_but_never_ran_is_no_proof(program, carry):
    variables = carry("Source('shop.rules', '\"above\"', '\"below\"')")
    assert start(program, variables).returncode == 0
    assert len(defects.applied(variables)) == 1
    with pytest.raises(defects.DefectError, match="was applied, but its code never ran"):
        defects.hits(variables)


def test_a_module_that_is_never_imported_is_an_error(program, carry):
    variables = carry("Seam('shop.unused:never', check)")
    assert start(program, variables).returncode == 0
    with pytest.raises(defects.DefectError, match=r"never applied: no process of the target loaded shop\.unused"):
        defects.applied(variables)
    with pytest.raises(defects.DefectError, match="never applied"):
        defects.hits(variables)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("Seam('shop.rules:Refunds.cancel', check)", "Refunds.cancel must be defined once and is defined 0 times"),
        ("Seam('shop.rules:traced.traced', check)", "traced.traced must be defined once and is defined 0 times"),
        ("Source('shop.rules', 'no such text', '')", "'no such text' must occur 1 time(s) and occurs 0"),
        ("Source('shop.rules', 'amount', '')", "'amount' must occur 1 time(s) and occurs 4"),
        ("Source('shop.rules', 'LIMIT = 10', 'LIMIT =')", "breaks the syntax of shop.rules"),
    ],
)
def test_a_change_that_does_not_fit_aborts_the_start_with_one_message(program, carry, change, message):
    refused = start(program, carry(change))
    assert refused.returncode == os.EX_CONFIG
    assert refused.stdout == ""
    assert refused.stderr.startswith("ashore: the defect mine ")
    assert message in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


def test_no_except_clause_keeps_a_target_alive_without_its_defect(program, carry):
    hidden = "try:\n    import shop.rules\nexcept BaseException:\n    print('served all the same')\n"
    (program / "shop" / "__main__.py").write_text(hidden)
    refused = start(program, carry("Source('shop.rules', 'no such text', '')"))
    assert (refused.returncode, refused.stdout) == (os.EX_CONFIG, "")


@pytest.mark.parametrize("method", ["spawn", "fork", "forkserver"])
def test_every_process_carries_it_and_records_its_own_hit(program, carry, method):
    variables = carry("Seam('shop.rules:Refunds.check', check)")
    assert start(program, variables, method).stdout == "within and more 4 4 10\n" * 2
    assert len({hit.process for hit in defects.hits(variables)}) == 2


def test_the_program_itself_may_be_changed(program, carry):
    variables = carry("Source('shop.__main__', 'report()', 'report(), report()')")
    assert start(program, variables).stdout == "within 4 4 10\n" * 2
    assert defects.hits(variables)


def test_byte_code_of_a_changed_module_is_neither_read_nor_written(program, carry):
    start(program, {})
    (cached,) = (program / "shop" / "__pycache__").glob("late.*.pyc")
    clean = cached.read_bytes()
    variables = carry("Source('shop.late', 'number + 1', 'number - 1')")
    assert start(program, variables).stdout == "within 4 2 10\n"
    assert cached.read_bytes() == clean
    cached.unlink()
    assert start(program, variables).stdout == "within 4 2 10\n"
    assert not cached.exists()
    assert start(program, {}).stdout == "within 4 4 10\n"


def test_another_sitecustomize_still_runs(program, carry, monkeypatch):
    (program / "site").mkdir()
    (program / "site" / "sitecustomize.py").write_text("print('hello')")
    monkeypatch.setenv("PYTHONPATH", str(program / "site"))
    variables = carry("Seam('shop.rules:Refunds.check', check)")
    assert start(program, variables).stdout == "hello\nwithin and more 4 4 10\n"


def test_records_go_into_the_run_when_no_folder_is_named(monkeypatch, tmp_path):
    monkeypatch.delenv("ASHORE_DEFECT_HITS", raising=False)
    monkeypatch.setenv("ASHORE_RUN", str(tmp_path))
    first, *_ = defects.catalogue()
    assert defects.environment(first)["ASHORE_DEFECT_HITS"] == str(tmp_path / "defect")


def test_the_records_folder_is_made_when_there_is_no_run_either(monkeypatch):
    monkeypatch.delenv("ASHORE_DEFECT_HITS", raising=False)
    monkeypatch.delenv("ASHORE_RUN", raising=False)
    first, *_ = defects.catalogue()
    folder = Path(defects.environment(first)["ASHORE_DEFECT_HITS"])
    assert folder.is_dir()
    folder.rmdir()


def test_an_unknown_id_is_told_with_the_nearest_and_the_cure():
    known, *_ = defects.catalogue()
    with pytest.raises(defects.DefectError, match=rf"did you mean {known}.*--defects"):
        defects.environment(known[:-1])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "there is no file"),
        ("", "defines no list DEFECTS"),
        ("DEFECTS = []", "is empty"),
        ("DEFECTS = ['mine']", "is not a fixtures.defects.Defect"),
        (DEFECT.format(defects="describe('My Defect')"), "an id is lower-case words joined by hyphens"),
        ("1 / 0", "cannot be loaded: ZeroDivisionError"),
        ("import nothing_of_that_name", "cannot be loaded: ModuleNotFoundError"),
        (DEFECT.format(defects="describe('one'), describe('two')"), "defines 2 defects; name one: .*::one"),
        (DEFECT.format(defects="describe('one'), describe('one')"), "has two defects 'one'"),
    ],
)
def test_a_file_that_gives_no_defect_is_told_with_the_reason(tmp_path, text, message):
    file = tmp_path / "mine.py"
    if text is not None:
        file.write_text(text)
    with pytest.raises(defects.DefectError, match=message):
        defects.environment(str(file))


def test_one_of_several_defects_in_a_file_is_chosen_by_its_id(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(DEFECT.format(defects="describe('one'), describe('two')"))
    assert defects.find(f"{file}::two").id == "two"
    with pytest.raises(defects.DefectError, match="has no defect 'tow'; did you mean two"):
        defects.find(f"{file}::tow")


def test_the_package_is_cheap_to_import_and_loads_neither_shop_nor_catalogue():
    code = (
        "import sys, fixtures.defects;"
        "print([name for name in sys.modules if name.startswith(('fixtures.shop', 'fixtures.defects.re', 'rich'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "['fixtures.defects.records']\n"


def test_the_first_caller_is_held_until_the_second_arrives():
    stock, sold = [1], []

    def buy(buyer):
        seen = stock[0]
        met = defects.hold_first("the last piece", seconds=10)
        if seen:
            stock[0] -= 1
            sold.append(buyer)
        return met

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(buy, "ab")) == [True, True]
    assert (sorted(sold), stock) == (["a", "b"], [-1])


def test_a_lone_caller_is_held_for_a_bounded_time():
    assert defects.hold_first("one order", seconds=0.01) is False
    assert defects.hold_first("another order", seconds=0.01) is False
