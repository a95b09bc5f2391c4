@checkout @authorizations @paypal
Feature: Authorized first, captured later
  The provider holds the money when the buyer agrees, and the shop takes it when it sends the goods:
  once, never more than the buyer agreed to, and never after the order was cancelled.

  @high
  Scenario: An authorized payment moves no money
    Given the shopper has placed an order of USD 80.00
    When the shopper authorizes the payment with PayPal
    Then the order is authorized
    And no money has moved

  Rule: What is held is taken once, and not exceeded

    Background:
      Given the shopper has placed an order of USD 80.00
      And the shopper has authorized the payment with PayPal

    @critical
    Scenario Outline: The clerk captures <amount> of USD 80.00
      When the clerk captures <amount>
      Then the order is paid
      And PayPal has taken <amount> in all
      And the order still shows <amount> refundable

      Examples:
        | amount    |
        | USD 80.00 |
        | USD 30.55 |

    @critical @CWE-682
    Scenario Outline: More than was authorized is not captured, such as <amount>
      When the clerk captures <amount>
      Then the capture is refused because it exceeds the authorized amount
      And the order is authorized
      And no money has moved

      Examples:
        | amount    |
        | USD 80.01 |
        | USD 92.00 |

    @critical @CWE-837
    Scenario: An authorized payment is captured once
      Given the clerk has captured USD 30.00
      When the clerk captures USD 50.00
      Then the capture is refused because the order's state does not allow it
      And PayPal has taken USD 30.00 in all

    @critical @CWE-837
    Scenario: A capture whose answer was lost is not forgotten when its repetition is refused
      Given PayPal takes the money, but its answer and all that it tells get lost
      And the clerk has tried in vain to capture USD 30.00
      And PayPal will refuse the next capture
      When the clerk captures USD 30.00
      Then the order is paid
      And PayPal has taken USD 30.00 in all

    @critical @CWE-837
    Scenario: A capture that never reached PayPal is made up for, once
      Given PayPal will not answer the next capture
      When the clerk captures USD 30.00
      Then the capture is refused because the provider is unavailable
      And the order is paid
      And PayPal has taken USD 30.00 in all

    @high @CWE-754
    Scenario: A declined capture takes nothing
      Given the next capture will be declined
      When the clerk captures USD 30.00
      Then the capture is refused because the provider refused
      And the order is authorized
      And no money has moved

    @high @CWE-754
    Scenario: After a declined capture another amount may be captured
      Given the next capture will be declined
      And the clerk has tried in vain to capture USD 30.00
      When the clerk captures USD 50.00
      Then the order is paid
      And PayPal has taken USD 50.00 in all

    @critical @CWE-862 @WSTG-ATHZ-02
    Scenario: The shopper does not capture
      When the shopper captures USD 1.00
      Then the capture is refused because it is not allowed
      And no money has moved

  Rule: A cancelled order lets the money go

    Background:
      Given a product at USD 45.00 with 5 in stock
      And the shopper has ordered 2 of it
      And the shopper has authorized the payment with PayPal

    @critical
    Scenario: Cancelling an authorized order voids what is held
      When the shopper cancels the order
      Then the order is cancelled
      And PayPal holds nothing of the shopper's any more
      And 5 pieces of the product are left

    @critical @CWE-841
    Scenario: A cancelled order is not captured
      Given the shopper has cancelled the order
      When the clerk captures USD 90.00
      Then the capture is refused because the order's state does not allow it
      And no money has moved

  Rule: An order whose money is no longer held is cancelled

    Background:
      Given a product at USD 45.00 with 5 in stock
      And the shopper has ordered 2 of it

    @critical
    Scenario: PayPal tells that it has let the money go
      Given the shopper has authorized the payment with PayPal
      When PayPal lets the held money go
      Then the order is cancelled
      And 5 pieces of the product are left
      And no money has moved

    @critical
    Scenario: Nobody tells that PayPal has let the money go, until the clerk wants it
      Given the shopper has authorized the payment with PayPal, which has let the money go and told nobody anything
      When the clerk captures USD 90.00
      Then the capture is refused because the provider refused
      And the order is cancelled
      And 5 pieces of the product are left

  Rule: Late news of a hold that is over brings nothing back

    @critical @notifications @CWE-367
    Scenario: A hold that becomes known after PayPal has ended it
      Given the shopper has placed an order of USD 80.00
      And PayPal holds the money and lets it go again before the shop learns of it
      When the held notifications arrive
      Then the order is unpaid
      And no money has moved

  Rule: Money that comes to be held for an order that does not wait for it is let go

    Background:
      Given the shopper has placed an order of USD 80.00
      And PayPal holds the money, and the shop learns nothing of it

    @critical @notifications @CWE-367
    Scenario: A hold that becomes known after the order was cancelled
      Given the shopper has cancelled the order
      When the held notifications arrive
      Then PayPal holds nothing of the shopper's any more
      And the order is cancelled
      And no money has moved

    @critical @notifications @CWE-367
    Scenario: A hold that becomes known after the time to pay has run out
      Given the time to pay has run out
      When the held notifications arrive
      Then PayPal holds nothing of the shopper's any more
      And the order is expired
      And no money has moved

    @critical @notifications @CWE-837
    Scenario: A hold that becomes known after the order was paid in another tab
      Given the shopper has paid with PayPal
      When the notifications of the first payment arrive
      Then the money that was held first is let go
      And the order is paid
      And PayPal has taken USD 80.00 in all
