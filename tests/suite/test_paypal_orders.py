"""PayPal's orders beside their payment, with the unmodified paypal-server-sdk: patch, confirm, track."""

from __future__ import annotations

import httpx
import pytest
from paypalserversdk.exceptions.error_exception import ErrorException
from paypalserversdk.models.confirm_order_request import ConfirmOrderRequest
from paypalserversdk.models.order_tracker_request import OrderTrackerRequest
from paypalserversdk.models.patch import Patch
from paypalserversdk.models.payment_source import PaymentSource
from paypalserversdk.models.paypal_wallet import PaypalWallet
from paypalserversdk.models.paypal_wallet_experience_context import PaypalWalletExperienceContext

from tests.suite.paypal import Shop, issue, unique, usd
from tests.suite.providers import Simulators

ORDERS = "/v2/checkout/orders"
UNIT = "/purchase_units/@reference_id=='default'"


@pytest.fixture(scope="module")
def shop(simulators: Simulators, control: httpx.Client) -> Shop:
    return Shop.open(simulators, control)


def test_an_order_is_patched_before_it_is_paid(shop: Shop) -> None:
    order, invoice = shop.create("10.00"), unique()
    changes = [
        Patch(op="replace", path=f"{UNIT}/amount", value=usd("12.50")),
        Patch(op="replace", path=f"{UNIT}/invoice_id", value=invoice),
    ]
    assert shop.sdk.orders.patch_order({"id": order.id, "body": changes}).status_code == 204
    unit = shop.sdk.orders.get_order({"id": order.id}).body.purchase_units[0]
    assert (unit.amount.value, unit.invoice_id) == ("12.50", invoice)
    (trade,) = shop.control.get("/trades", params={"provider": "paypal", "reference": invoice}).json()
    assert (trade["id"], trade["amount"]) == (order.id, {"minor": 1250, "currency": "USD"})
    with pytest.raises(ErrorException) as refused:
        shop.sdk.orders.patch_order({"id": order.id, "body": [Patch(op="replace", path="/intent", value="AUTHORIZE")]})
    assert refused.value.details[0].issue == "NOT_PATCHABLE"


class TestConfirmation:
    def test_the_buyer_is_sent_to_agree_and_comes_back(self, shop: Shop) -> None:
        order = shop.create("10.00")
        context = PaypalWalletExperienceContext(
            return_url="https://shop.example/thanks", cancel_url="https://shop.example/basket"
        )
        body = ConfirmOrderRequest(payment_source=PaymentSource(paypal=PaypalWallet(experience_context=context)))
        confirmed = shop.sdk.orders.confirm_order({"id": order.id, "body": body}).body
        assert confirmed.status == "PAYER_ACTION_REQUIRED"
        page = next(link.href for link in confirmed.links if link.rel == "payer-action")
        answer = shop.wire.post(page.partition("?")[0], data={"token": order.id, "decision": "approve"})
        assert answer.headers["location"].startswith(f"https://shop.example/thanks?token={order.id}&PayerID=")
        assert shop.sdk.orders.capture_order({"id": order.id}).body.status == "COMPLETED"
        assert issue(self.confirm(shop, order.id)) == (422, "ORDER_COMPLETED_OR_VOIDED")

    def test_an_approved_order_stays_approved(self, shop: Shop) -> None:
        id = shop.ordered()
        assert self.confirm(shop, id).json()["status"] == "APPROVED"

    def test_only_paypals_own_wallet_pays(self, shop: Shop) -> None:
        id = shop.ordered(approved=False)
        answer = self.confirm(shop, id, {"card": {"number": "4111111111111111", "expiry": "2035-01"}})
        assert issue(answer) == (422, "PAYMENT_SOURCE_CANNOT_BE_USED")
        assert issue(self.confirm(shop, id, None)) == (400, "MALFORMED_REQUEST_JSON")
        assert shop.wire.get(f"{ORDERS}/{id}").json()["status"] == "CREATED"

    @staticmethod
    def confirm(shop: Shop, id: str, source: object = ()) -> httpx.Response:
        body = {"payment_source": {"paypal": {}} if source == () else source}
        return shop.post(f"{ORDERS}/{id}/confirm-payment-source", body)


class TestTracking:
    def test_a_parcel_is_added_once_and_cancelled(self, shop: Shop) -> None:
        id = shop.ordered()
        done = shop.sdk.orders.capture_order({"id": id}).body
        capture = done.purchase_units[0].payments.captures[0].id
        body = OrderTrackerRequest(capture_id=capture, tracking_number="443844607820", carrier="FEDEX")
        for _ in range(2):
            shown = shop.sdk.orders.create_order_tracking({"id": id, "body": body}).body
            trackers = shown.purchase_units[0].shipping.trackers
            assert [(tracker.id, tracker.status) for tracker in trackers] == [(f"{capture}-443844607820", "SHIPPED")]
        cancelled = [Patch(op="replace", path="/status", value="CANCELLED")]
        wanted = {"id": id, "tracker_id": trackers[0].id, "body": cancelled}
        assert shop.sdk.orders.update_order_tracking(wanted).status_code == 204
        shown = shop.sdk.orders.get_order({"id": id}).body
        assert shown.purchase_units[0].shipping.trackers[0].status == "CANCELLED"

    def test_only_parcels_of_what_was_paid(self, shop: Shop) -> None:
        id = shop.ordered()
        path, tracker = f"{ORDERS}/{id}/track", {"capture_id": "5O190127TN364715T", "tracking_number": "1"}
        assert issue(shop.post(path, tracker)) == (422, "CAPTURE_ID_NOT_FOUND")
        shop.break_("capture", "business_error", code="CAPTURE_DECLINED")
        done = shop.post(f"{ORDERS}/{id}/capture").json()
        capture = done["purchase_units"][0]["payments"]["captures"][0]["id"]
        assert issue(shop.post(path, {**tracker, "capture_id": capture})) == (422, "CAPTURE_STATUS_NOT_VALID")
        assert issue(shop.wire.patch(f"{ORDERS}/{id}/trackers/1", json=[])) == (404, "INVALID_RESOURCE_ID")

    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            ({"op": "replace", "path": "/status", "value": "SHIPPED"}, "NOT_PATCHABLE"),
            ({"op": "remove", "path": "/items"}, "NOT_PATCHABLE"),
            ({"op": "replace", "path": "/items", "value": [{"quantity": "none"}]}, "INVALID_PARAMETER_SYNTAX"),
        ],
    )
    def test_a_wrong_patch_changes_nothing(self, shop: Shop, change: object, expected: str) -> None:
        id = shop.ordered()
        done = shop.post(f"{ORDERS}/{id}/capture").json()
        capture = done["purchase_units"][0]["payments"]["captures"][0]["id"]
        before = shop.post(f"{ORDERS}/{id}/track", {"capture_id": capture, "items": [{"name": "tea"}]}).json()
        tracker = before["purchase_units"][0]["shipping"]["trackers"][0]
        good = {"op": "add", "path": "/notify_payer", "value": True}
        answer = shop.wire.patch(f"{ORDERS}/{id}/trackers/{tracker['id']}", json=[good, change])
        assert issue(answer)[1] == expected
        assert shop.wire.get(f"{ORDERS}/{id}").json() == before
