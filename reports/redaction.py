"""Masking of secrets and personal data, applied to every record before it is written.

Passwords, keys and a card's code become `***`, with all that stands under them; of a card's number the first six digits
and the last four stay (PCI DSS 4.0.1, 3.4.1). Tokens, cookies, e-mail addresses and phone numbers keep four hex digits
of a digest, so that two occurrences can be seen to be the same: `s***@example.com#1a2b`. Signatures stay: they are
evidence.
What a profile holds as a secret is masked wherever it stands, whatever its name: whoever reads a secret tells it here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import blake2s
from typing import Any
from urllib.parse import quote

# every repetition that may meet a long run is bounded: bodies come from a hostile target
_HIDDEN_NAME = (
    r"(?:[\w-]{0,40}(?:passw(?:or)?d|passphrase|pwd|secret|private[_-]?key|api[_-]?(?:v3)?[_-]?key)[\w-]{0,40}"
    r"|pass|pin|otp|cvv2?|cvc2?|(?:security|card)[_-]?code)"
)
_TOKEN_NAME = (
    r"(?:[\w-]{0,40}tokens?(?:_v\d)?|(?:proxy-)?authorization|(?:set-)?cookie|session(?:[_-]?id)?"
    r"|jsessionid|phpsessid|sid|jwt|auth|x-(?:auth|csrf)[\w-]{0,40}|paypal-auth-assertion)"
)
_HIDDEN = re.compile(_HIDDEN_NAME, re.IGNORECASE)
_TOKEN = re.compile(_TOKEN_NAME, re.IGNORECASE)

_PEM = re.compile(r"-----BEGIN ([A-Z ]*PRIVATE KEY)-----.*?(?:-----END \1-----|\Z)", re.DOTALL)
_CREDENTIALS = re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]{8,}", re.IGNORECASE)
_JSON_WEB_TOKEN = re.compile(r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*")
_USERINFO = re.compile(r"(?<=://)[^\s/@?#]{1,200}@")
_HEADER_LINE = re.compile(
    r"^((?:proxy-)?authorization|(?:set-)?cookie)(:\s*)(\S[^\r\n]*)", re.IGNORECASE | re.MULTILINE
)
# `"name": "value"` and 'name': 'value', also inside a string that is itself quoted JSON; rather too much than too
# little is masked
_QUOTED = re.compile(
    rf"""(\\{{0,8}}["'])({_HIDDEN_NAME}|{_TOKEN_NAME})(\1\s*:\s*)(\\{{0,8}}["'])((?:(?!(?<!\\)\4).)*)((?<!\\)\4|\Z)""",
    re.IGNORECASE | re.DOTALL,
)
_NUMBER = re.compile(rf"""(\\{{0,8}}["'])({_HIDDEN_NAME})(\1\s*:\s*)-?\d[\w.+-]{{0,40}}""", re.IGNORECASE)
# name=value of forms, query strings and representations, also as `user[name]=`; what a redaction wrote stays
_ASSIGNED = re.compile(
    rf"(?:(?<![\w-])|(?<=%5B))({_HIDDEN_NAME}|{_TOKEN_NAME})((?:\]|%5D)?(?:=|%3D))(?!\*\*\*)"
    r"(?:(['\"])([^'\"\r\n]+)|()([^&\s'\"<>,;)]+))",
    re.IGNORECASE,
)
# a part of a multipart form, an element of XML, a field of a page with what was typed into it
_ENCLOSED = (
    re.compile(
        rf"""(\bname=["']?({_HIDDEN_NAME}|{_TOKEN_NAME})["']?[^\r\n]{{0,200}}\r?\n(?:[^\r\n]{{1,200}}\r?\n){{0,5}}\r?\n)"""
        r"([^\r\n]+)",
        re.IGNORECASE,
    ),
    re.compile(rf"(<({_HIDDEN_NAME}|{_TOKEN_NAME})>)([^<]+)", re.IGNORECASE),
    re.compile(
        rf"""(\bname=["']?({_HIDDEN_NAME}|{_TOKEN_NAME})["']?[^<>]{{0,200}}?\bvalue=["'])([^"'<>]+)""", re.IGNORECASE
    ),
)
_CARD = re.compile(r"(?<![\w.-])[3-6]\d{3}(?:[ -]?\d{4}){2}[ -]?\d{1,4}(?![\w.-])")
_EMAIL = re.compile(r"(?<![\w.+-])([\w.+-])[\w.+-]*(@|%40)([\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,})")
# eleven digits of a Chinese mobile number, or any number in the international form
_PHONES = (
    re.compile(r"(?<![\w+/=.-])((?:(?:\+|%2B)?86[ -]?)?1[3-9])\d{7}(\d{2})(?![\w+/=])"),
    re.compile(r"(?<![\w+/=.-])((?:\+|%2B)[1-9]\d)\d{5,11}(\d{2})(?![\w+/=])"),
)


_KNOWN: set[str] = set()
SHORTEST_SECRET = 6
"""Shorter ones are masked by their names only: replaced wherever they stand, they would garble everything."""


def keep_secret(secret: str) -> str:
    """Mask this secret from now on wherever this process writes it, plain or percent-encoded; returns it."""
    if len(secret) >= SHORTEST_SECRET:
        _KNOWN.update({secret, quote(secret, safe="")})
    return secret


def redact(value: Any, name: str = "") -> Any:
    """`value` with all that is secret or personal masked; `name` is the key it stands under. Idempotent."""
    if value is not None and not isinstance(value, bool):
        if _HIDDEN.fullmatch(name):
            return "***"
        if _TOKEN.fullmatch(name) and not isinstance(value, Mapping | list | tuple):
            return _token(str(value))
        if isinstance(value, int) and (told := _CARD.sub(_card, str(value))) != str(value):
            return told
    if isinstance(value, Mapping):
        return {str(key): redact(item, str(key)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [redact(item, name) for item in value]
    return redact_text(value) if isinstance(value, str) else value


def redact_text(text: str) -> str:
    """`text` with secrets and personal data masked, whether it is JSON, a form, a URL, headers or prose."""
    for secret in _KNOWN:
        text = text.replace(secret, "***")
    text = _PEM.sub(r"-----BEGIN \1----- *** -----END \1-----", text)
    text = _HEADER_LINE.sub(lambda m: f"{m[1]}{m[2]}{_token(m[3])}", text)
    text = _QUOTED.sub(lambda m: f"{m[1]}{m[2]}{m[3]}{m[4]}{_masked(m[2], m[5])}{m[6]}", text)
    text = _NUMBER.sub(r"\1\2\3\1***\1", text)
    text = _ASSIGNED.sub(lambda m: f"{m[1]}{m[2]}{m[3] or ''}{_masked(m[1], m[4] or m[6])}", text)
    for enclosed in _ENCLOSED:
        text = enclosed.sub(lambda m: f"{m[1]}{_masked(m[2], m[3])}", text)
    text = _CARD.sub(_card, text)
    text = _JSON_WEB_TOKEN.sub(lambda m: _token(m[0]), text)
    text = _CREDENTIALS.sub(lambda m: f"{m[1]} {_token(m[0])}", text)
    text = _USERINFO.sub("***@", text)
    text = _EMAIL.sub(lambda m: f"{m[1]}***{m[2]}{m[3]}#{_digest(m[0].replace('%40', '@'))}", text)
    for phone in _PHONES:
        text = phone.sub(_phone, text)
    return text


def _masked(name: str, value: str) -> str:
    return "***" if _HIDDEN.fullmatch(name) else _token(value)


def _token(value: str) -> str:
    return value if value.startswith("***") else f"***#{_digest(value)}"


def _card(match: re.Match[str]) -> str:
    """A number that adds up as cards' do (Luhn, ISO/IEC 7812-1), masked; any other stays."""
    digits = re.sub(r"\D", "", match[0])
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    if sum(number - 9 if number > 9 else number for number in doubled) % 10:
        return match[0]
    return f"{digits[:6]}{'*' * (len(digits) - 10)}{digits[-4:]}"


def _phone(match: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", match[0].replace("%2B", "+"))
    return f"{match[1]}***{match[2]}#{_digest(digits)}"


def _digest(text: str) -> str:
    return blake2s(text.lower().encode()).hexdigest()[:4]
