"""A profile is right, or one message says what, where and the cure."""

from pathlib import Path

import pytest

from fixtures.targets.profile import ProfileError, known, load, reveal

GOOD = """\
name = "A shop"
capabilities = ["orders"]
pays_with = ["alipay"]

[web]
url = "https://shop.example/"

[api]
url = "https://shop.example/api"
"""


def written(folder: Path, text: str) -> str:
    (folder / "target.toml").write_text(text)
    return str(folder)


def test_a_folder_anywhere_is_a_target(tmp_path: Path) -> None:
    profile = load(written(tmp_path, GOOD))
    assert profile.web is not None
    assert profile.web.url == "https://shop.example"
    assert profile.file("driver.py") == tmp_path / "driver.py"


def test_the_house_knows_its_targets() -> None:
    assert "reference" in known()
    assert load("reference").launch is not None


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (('name = "A shop"\n', ""), 1, "name: is missing"),
        (('"orders"', '"teleport"'), 2, "unknown capability 'teleport'; known: accounts"),
        (('"orders"', '\n"order"'), 3, "unknown capability 'order' (did you mean 'orders'?); known: accounts"),
        (('"alipay"', '"cash"'), 3, "Input should be 'alipay', 'wechatpay' or 'paypal'"),
        (("https://shop.example/api", "shop.example"), 9, "not an http or https address"),
        (("[web]", "[webb]"), 5, "webb: is not a key of a profile"),
        (("[web]\n", "[web]\ncolour = 1\n"), 6, "web.colour: is not a key of a profile"),
        (("[api]", "[launch]\ncommand = ['x']\nnotify = '/n'\n[api]"), 1, "launched or attached"),
        (('[api]\nurl = "https://shop.example/api"\n', ""), 1, "say where the target is"),
    ],
)
def test_a_wrong_key_is_told_with_its_line(tmp_path: Path, change: tuple[str, str], line: int, words: str) -> None:
    with pytest.raises(ProfileError) as told:
        load(written(tmp_path, GOOD.replace(*change)))
    assert words in str(told.value)
    assert f"target.toml:{line}:" in str(told.value)


def test_what_is_not_toml_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match=r"is not TOML: .*line 1"):
        load(written(tmp_path, "name = \n"))


def test_an_unknown_target_is_told_with_the_known_ones() -> None:
    with pytest.raises(ProfileError, match=r"no target 'nowhere'; known targets: .*reference"):
        load("nowhere")


def test_a_secret_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    administrator = '\n[administrator]\nemail = "a@shop.example"\npassword = { env = "SHOP_PASSWORD" }\n'
    profile = load(written(tmp_path, GOOD + administrator))
    assert profile.administrator is not None
    assert profile.administrator.password is not None
    monkeypatch.delenv("SHOP_PASSWORD", raising=False)
    with pytest.raises(ProfileError, match="SHOP_PASSWORD, which the profile names, is not set"):
        reveal(profile.administrator.password)
    monkeypatch.setenv("SHOP_PASSWORD", "hunter2")
    assert reveal(profile.administrator.password) == "hunter2"
