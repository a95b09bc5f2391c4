"""A verb in two halves: sent as a whole, or prepared for an attack to change."""

import json

import httpx

from fixtures.targets.halves import Halves, verb


class EchoWire:
    def __init__(self) -> None:
        self.sent: list[httpx.Request] = []

    def send(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        return httpx.Response(200, content=request.content)


class Channel:
    def __init__(self) -> None:
        self.wire = EchoWire()

    @verb
    def refund(self, order: str, amount: str) -> Halves[str]:
        """Refund it."""
        response = yield httpx.Request("POST", f"https://shop.example/orders/{order}/refunds", json={"amount": amount})
        return f"refunded {response.json()['amount']}"


def test_called_it_sends_and_reads() -> None:
    channel = Channel()
    assert channel.refund("42", amount="1.00") == "refunded 1.00"
    assert [str(request.url) for request in channel.wire.sent] == ["https://shop.example/orders/42/refunds"]


def test_prepared_it_sends_nothing_and_an_attack_changes_one_thing() -> None:
    channel = Channel()
    attack = channel.refund.prepare("42", "1.00").changed(amount="9.00", status="paid")
    assert channel.wire.sent == []
    assert json.loads(attack.request.content) == {"amount": "9.00", "status": "paid"}
    assert attack.read(channel.wire.send(attack.request)) == "refunded 9.00"


def test_it_keeps_its_name_and_words() -> None:
    assert Channel.refund.__doc__ == "Refund it."
