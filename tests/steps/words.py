"""The words a phrase may hold, and what they mean to the code: amounts, providers, people, states, reasons."""

from __future__ import annotations

import re
from functools import partial

from parse import with_pattern
from pytest_bdd import parsers

from fixtures.actors.lives import Move
from fixtures.money import Money
from fixtures.targets.contract import Hand, OrderState, Provider, Reason, RefundState, Screen

PROVIDERS = {"Alipay": Provider.ALIPAY, "WeChat Pay": Provider.WECHATPAY, "PayPal": Provider.PAYPAL}

PEOPLE = {
    "the shopper": "shopper",
    "another shopper": "another_shopper",
    "the stranger": "stranger",
    "the clerk": "clerk",
    "the approver": "approver",
    "the auditor": "auditor",
    "the administrator": "administrator",
}
"""Who acts, by the name of the fixture that is this person."""

REFUND_STATES = {
    "awaiting approval": RefundState.AWAITING_APPROVAL,
    "pending": RefundState.PENDING,
    "made": RefundState.REFUNDED,
}

LANGUAGES = {"English": "en", "Chinese": "zh-CN"}
"""The languages a buyer reads, as browsers name them (BCP 47)."""

TROUBLES = {
    "does not answer": "timeout_before",
    "answers with an error of its own": "error_5xx",
    "hangs up": "reset",
}
"""What befalls a provider, and the simulators' word for it."""

REFUSALS = {
    "the buyer's account is restricted": "PAYER_ACCOUNT_RESTRICTED",
    "the buyer's account is closed": "PAYER_ACCOUNT_LOCKED_OR_CLOSED",
    "the buyer cannot pay": "PAYER_CANNOT_PAY",
    "the buyer's card was declined": "INSTRUMENT_DECLINED",
    "the payment is against the law": "COMPLIANCE_VIOLATION",
    "the shop's account is restricted": "PAYEE_ACCOUNT_RESTRICTED",
    "the card was tried too often": "MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED",
    "the shop may not use it": "NO_AUTH",
    "the shop's account is abnormal": "ACCOUNT_ERROR",
    "its limit is lower": "RULE_LIMIT",
    "too many are asking": "FREQUENCY_LIMITED",
}
"""Why a provider refuses a payment, and its own code for it."""

FORGERIES = {
    "without a signature": "none",
    "signed by somebody else": "other_key",
    "altered after signing": "altered",
    "with a probe's signature": "probe",
}

REFUND_TROUBLES = {
    "the balance is too low": {
        Provider.ALIPAY: "ACQ.SELLER_BALANCE_NOT_ENOUGH",
        Provider.WECHATPAY: "NOT_ENOUGH",
        Provider.PAYPAL: "REFUND_FAILED_INSUFFICIENT_FUNDS",
    },
    "it comes too late": {
        Provider.ALIPAY: "ACQ.TRADE_HAS_FINISHED",
        Provider.WECHATPAY: "TRADE_OVERDUE",
        Provider.PAYPAL: "REFUND_TIME_LIMIT_EXCEEDED",
    },
    "there were too many": {
        Provider.WECHATPAY: "INVALID_REQUEST",
        Provider.PAYPAL: "MAX_NUMBER_OF_REFUNDS_EXCEEDED",
    },
}
"""Why a provider refuses a refund, and its own code for that."""

DEEDS = (
    "order", "payment", "refund", "approval", "quantity", "coupon", "registration", "sign-in", "change", "request",
    "cancellation", "capture", "search", "move", "export", "comparison",
)  # fmt: skip


@with_pattern(r"[A-Z]{3} -?\d+(?:\.\d+)?")
def money(text: str) -> Money:
    return Money.parse(text)


@with_pattern("|".join(PROVIDERS))
def provider(text: str) -> Provider:
    return PROVIDERS[text]


@with_pattern("|".join(PEOPLE))
def who(text: str) -> str:
    return PEOPLE[text]


@with_pattern("|".join(OrderState))
def state(text: str) -> OrderState:
    return OrderState(text)


@with_pattern("|".join(REFUND_STATES))
def refund_state(text: str) -> RefundState:
    return REFUND_STATES[text]


@with_pattern("|".join(DEEDS))
def deed(text: str) -> str:
    return text


@with_pattern("|".join(FORGERIES))
def forgery(text: str) -> str:
    return FORGERIES[text]


@with_pattern(r"(?:it is |of )?(?:" + "|".join(map(re.escape, Reason)) + ")")
def reason(text: str) -> Reason:
    return Reason(re.sub(r"^(it is |of )(?!exceeds)", "", text))


@with_pattern("|".join(Screen))
def screen(text: str) -> Screen:
    return Screen(text)


@with_pattern("|".join(Hand))
def hand(text: str) -> Hand:
    return Hand(text)


@with_pattern("|".join(TROUBLES))
def trouble(text: str) -> str:
    return TROUBLES[text]


@with_pattern("|".join(REFUSALS))
def refusal(text: str) -> str:
    return REFUSALS[text]


@with_pattern("|".join(LANGUAGES))
def language(text: str) -> str:
    return LANGUAGES[text]


@with_pattern(r"-?\d+")
def count(text: str) -> int:
    return int(text)


@with_pattern("|".join(Move))
def move(text: str) -> Move:
    return Move(text)


@with_pattern("|".join(REFUND_TROUBLES))
def refund_trouble(text: str) -> dict[Provider, str]:
    return REFUND_TROUBLES[text]


@with_pattern(r"-?\d+ pieces?")
def pieces(text: str) -> int:
    return int(text.split(maxsplit=1)[0])


phrase = partial(
    parsers.parse,
    extra_types={
        "Money": money,
        "Provider": provider,
        "Who": who,
        "State": state,
        "RefundState": refund_state,
        "Deed": deed,
        "Forgery": forgery,
        "Reason": reason,
        "Count": count,
        "Screen": screen,
        "Trouble": trouble,
        "Refusal": refusal,
        "Hand": hand,
        "Language": language,
        "Pieces": pieces,
        "Move": move,
        "RefundTrouble": refund_trouble,
    },
)
"""A step's phrase: `phrase("{who:Who} refunds {amount:Money}")`."""
