"""The kiosk: `python app.py PORT PAYPAL_URL CLIENT_ID CLIENT_SECRET WEBHOOK_ID`. Keeps everything in memory."""

from __future__ import annotations

import secrets
import sys
import threading
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import httpx
from flask import Flask, Response, abort, jsonify, make_response, redirect, render_template_string, request
from werkzeug.exceptions import HTTPException

PAGE = """<!doctype html><html lang="en"><title>Kiosk</title><main><h1>{{ title }}</h1>
{% if order %}<p>Voucher order <b id="number">{{ order.number }}</b></p>
<p>Value <b id="value">{{ order.currency }} {{ order.value }}</b></p>
<p>Status <b id="status">{{ order.status }}</b></p>
{% if order.status == "open" %}<form method="post" action="/orders/{{ order.number }}/pay">
<button>Pay with PayPal</button></form>
<form method="post" action="/orders/{{ order.number }}/drop"><button>Drop</button></form>{% endif %}{% endif %}
{% for each in orders or [] %}
<p class="order">{{ each.number }} {{ each.currency }} {{ each.value }} {{ each.status }}</p>{% endfor %}
{% if basket is defined %}<form method="post" action="/basket">
<label>Voucher <input name="voucher"></label>
<label>How many <input name="count"></label><button>Put</button></form>
<p>Basket <b id="basket">{{ basket }}</b></p>
<form method="post" action="/orders"><button>Order</button></form>{% endif %}
{% if problem %}<p role="alert">{{ problem }}</p>{% endif %}</main></html>"""


@dataclass
class Order:
    number: int
    owner: str
    lines: dict[str, int]
    currency: str
    value: Decimal
    status: str = "open"
    payments: list[dict[str, str]] = field(default_factory=list)


class Kiosk:
    """Users, baskets and orders, one lock around each change."""

    def __init__(self, paypal: httpx.Client, secret: tuple[str, str], webhook: str) -> None:
        self.paypal = paypal
        self.secret = secret
        self.webhook = webhook
        self.users: dict[str, tuple[str, str]] = {}
        self.cookies: dict[str, str] = {}
        self.baskets: dict[str, dict[str, int]] = {}
        self.orders: list[Order] = []
        self.lock = threading.RLock()

    def order(self, number: int, owner: str) -> Order:
        if not 0 < number <= len(self.orders) or self.orders[number - 1].owner != owner:
            abort(_no(404, "no such order"))
        order = self.orders[number - 1]
        if order.status == "in review":
            self.settle(order)
        return order

    def of(self, owner: str) -> list[Order]:
        """This user's orders, newest first."""
        return [each for each in reversed(self.orders) if each.owner == owner]

    def drop(self, order: Order) -> None:
        with self.lock:
            if order.status != "open":
                abort(_no(409, "not open"))
            order.status = "dropped"

    def put(self, owner: str, voucher: str, count: int) -> dict[str, int]:
        """Have this many of the voucher in the basket."""
        value(voucher)
        basket = self.baskets.setdefault(owner, {})
        if not 0 <= count < 1000 or {v[-3:] for v in basket} - {voucher[-3:]}:
            abort(_no(400, "bad count"))
        self.baskets[owner] = {v: n for v, n in {**basket, voucher: count}.items() if n}
        return self.baskets[owner]

    def place(self, owner: str) -> Order:
        with self.lock:
            lines = self.baskets.pop(owner, {})
            if not lines:
                abort(_no(400, "empty basket"))
            total = sum((value(voucher) * count for voucher, count in lines.items()), Decimal(0))
            order = Order(len(self.orders) + 1, owner, lines, next(iter(lines))[-3:], total)
            self.orders.append(order)
            return order

    def pay(self, order: Order, back: str) -> dict[str, str]:
        """Begin a payment at PayPal, and tell where the buyer approves it."""
        with self.lock:
            if order.status != "open":
                abort(_no(409, "not open"))
            if not order.payments:
                order.payments.append(self._begun(order, back))
            return order.payments[-1]

    def _begun(self, order: Order, back: str) -> dict[str, str]:
        amount = {"currency_code": order.currency, "value": f"{order.value}"}
        unit = {"description": f"Voucher order {order.number}", "amount": amount}
        context = {"return_url": f"{back}/orders/{order.number}/back", "cancel_url": f"{back}/orders/{order.number}"}
        body = {"intent": "CAPTURE", "purchase_units": [unit], "application_context": context}
        made = self._paypal("POST", "/v2/checkout/orders", body)
        approve = next(link["href"] for link in made["links"] if link["rel"] in ("approve", "payer-action"))
        return {"paypal_order": made["id"], "approve": approve}

    def settle(self, order: Order) -> None:
        """Ask PayPal about each payment; capture what the buyer approved. While PayPal is silent, it is in review."""
        with self.lock:
            for payment in order.payments:
                if order.status in ("open", "in review"):
                    order.status = self._status(order, f"/v2/checkout/orders/{payment['paypal_order']}")

    def _status(self, order: Order, payment: str) -> str:
        try:
            seen = self._seen(payment)
            if seen["status"] == "APPROVED":
                self.paypal.post(f"{payment}/capture", json={}, headers=self._bearer())
                seen = self._seen(payment)
        except (httpx.HTTPError, ValueError):
            return "in review"
        captures = seen["purchase_units"][0].get("payments", {}).get("captures", [])
        amount = {"currency_code": order.currency, "value": f"{order.value}"}
        mine = [capture["status"] for capture in captures if capture["amount"] == amount]
        return {"COMPLETED": "paid", "PENDING": "in review"}.get(mine[0], "open") if mine else "open"

    def _seen(self, payment: str) -> Any:
        return self.paypal.get(payment, headers=self._bearer()).raise_for_status().json()

    def told(self, headers: Any, event: Any) -> bool:
        """Whether PayPal vouches for this event."""
        names = ("transmission-id", "transmission-time", "cert-url", "auth-algo", "transmission-sig")
        said = {name.replace("-", "_"): headers.get(f"paypal-{name}", "") for name in names}
        body = {**said, "webhook_id": self.webhook, "webhook_event": event}
        answer = self.paypal.post("/v1/notifications/verify-webhook-signature", json=body, headers=self._bearer())
        return answer.is_success and answer.json().get("verification_status") == "SUCCESS"

    def _paypal(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.paypal.request(method, path, json=body, headers=self._bearer())
        if answer.is_error:
            abort(_no(409, answer.json()["details"][0]["issue"]))
        return answer.json()

    def _bearer(self) -> dict[str, str]:
        grant = {"grant_type": "client_credentials"}
        answer = self.paypal.post("/v1/oauth2/token", data=grant, auth=self.secret).json()
        return {"Authorization": f"Bearer {answer['access_token']}", "Prefer": "return=representation"}


def value(voucher: str) -> Decimal:
    """The value of voucher `49.99USD`."""
    amount, currency = voucher[:-3], voucher[-3:]
    if not amount.replace(".", "", 1).isdigit() or currency not in ("USD", "EUR", "JPY"):
        abort(_no(404, "no such voucher"))
    return Decimal(amount)


def _no(status: int, why: str) -> Response:
    return make_response(jsonify(ok=False, why=why), status)


def create(kiosk: Kiosk, address: str) -> Flask:
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 1_000_000

    def who() -> str:
        owner = kiosk.cookies.get(request.cookies.get("kiosk", ""))
        return owner or abort(_no(401, "not signed in"))

    def whole(text: Any) -> int:
        return int(text) if str(text).isdigit() and type(text) in (int, str) else abort(_no(400, "bad count"))

    @app.errorhandler(HTTPException)
    def failed(error: HTTPException) -> Response:
        return error.response or _no(error.code or 400, error.name)  # type: ignore[return-value]

    @app.get("/")
    def home() -> str:
        basket = kiosk.baskets.get(kiosk.cookies.get(request.cookies.get("kiosk", ""), ""), {})
        return render_template_string(PAGE, title="Vouchers", basket=show(basket))

    @app.post("/join")
    def join() -> Response:
        name, email, password = (request.form.get(key, "") for key in ("name", "email", "password"))
        if email in kiosk.users or len(password) < 8:
            return _no(400, "taken" if email in kiosk.users else "weak")
        kiosk.users[email] = (name, password)
        return enter()

    @app.post("/enter")
    def enter() -> Response:
        email, password = request.form.get("email", ""), request.form.get("password", "")
        if not secrets.compare_digest(kiosk.users.get(email, ("", ""))[1].encode(), password.encode()) or not password:
            return _no(403, "wrong")
        cookie = secrets.token_hex(16)
        kiosk.cookies[cookie] = email
        answer = make_response(redirect("/", 303))
        answer.set_cookie("kiosk", cookie, httponly=True, samesite="Lax")
        return answer

    @app.post("/leave")
    def leave() -> Response:
        kiosk.cookies.pop(request.cookies.get("kiosk", ""), None)
        return make_response(jsonify(ok=True))

    @app.post("/rpc/<verb>")
    def rpc(verb: str) -> Response:
        asked = request.get_json(silent=True) or {}
        owner = who()
        if verb == "put":
            return jsonify(ok=True, basket=kiosk.put(owner, str(asked.get("voucher")), whole(asked.get("count"))))
        if verb == "mine":
            return jsonify(ok=True, orders=[told(each) for each in kiosk.of(owner)])
        if verb == "me":
            return jsonify(ok=True, name=kiosk.users[owner][0])
        if verb == "basket":
            return jsonify(ok=True, basket=kiosk.baskets.get(owner, {}))
        if verb == "place":
            return jsonify(ok=True, order=told(kiosk.place(owner)))
        order = kiosk.order(whole(asked.get("number")), owner)
        if verb == "pay":
            return jsonify(ok=True, **kiosk.pay(order, address))
        if verb == "settle":
            kiosk.settle(order)
        elif verb == "drop":
            kiosk.drop(order)
        return jsonify(ok=True, order=told(order))

    @app.post("/basket")
    def fill() -> Response:
        basket = kiosk.put(who(), request.form.get("voucher", ""), whole(request.form.get("count")))
        return make_response(render_template_string(PAGE, title="Vouchers", basket=show(basket)))

    @app.post("/orders")
    def place() -> Response:
        return make_response(redirect(f"/orders/{kiosk.place(who()).number}", 303))

    @app.get("/orders/<int:number>")
    def look(number: int) -> str:
        return render_template_string(PAGE, title="Your order", order=kiosk.order(number, who()))

    @app.post("/orders/<int:number>/pay")
    def pay(number: int) -> Response:
        return make_response(redirect(kiosk.pay(kiosk.order(number, who()), address)["approve"], 303))

    @app.post("/orders/<int:number>/drop")
    def drop(number: int) -> Response:
        kiosk.drop(kiosk.order(number, who()))
        return make_response(redirect(f"/orders/{number}", 303))

    @app.get("/mine")
    def mine() -> str:
        return render_template_string(PAGE, title="Your orders", orders=kiosk.of(who()))

    @app.get("/orders/<int:number>/back")
    def back(number: int) -> Response:
        kiosk.settle(kiosk.order(number, who()))
        return make_response(redirect(f"/orders/{number}", 303))

    @app.post("/paypal-events")
    def event() -> Response:
        said = request.get_json(silent=True)
        if not isinstance(said, dict) or not kiosk.told(request.headers, said):
            return _no(400, "not PayPal's")
        resource = said.get("resource", {}).get("id")
        for order in [each for each in kiosk.orders if any(resource == p["paypal_order"] for p in each.payments)]:
            kiosk.settle(order)
        return make_response(jsonify(ok=True))

    return app


def told(order: Order) -> dict[str, Any]:
    return {
        "number": order.number,
        "lines": order.lines,
        "currency": order.currency,
        "value": f"{order.value}",
        "status": order.status,
    }


def show(basket: dict[str, int]) -> str:
    return ", ".join(f"{count} x {voucher}" for voucher, count in basket.items()) or "empty"


def main(port: str, url: str, client: str, secret: str, webhook: str) -> None:
    paypal = httpx.Client(base_url=url, timeout=3)
    create(Kiosk(paypal, (client, secret), webhook), f"http://127.0.0.1:{port}").run(
        "127.0.0.1", int(port), threaded=True
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
