@orders
Feature: Cancelling
  A buyer who cancels pays nothing, or gets back what was paid, once.

  @critical @refunds
  Scenario Outline: An order paid with <provider> is cancelled and paid back
    Given the shopper has paid an order of <total> with <provider>
    When the shopper cancels the order
    Then the order is refunded
    And <provider> has paid back <total> in all
    And 10 pieces of the product are left

    @alipay
    Examples:
      | provider | total     |
      | Alipay   | CNY 88.80 |

    @wechatpay
    Examples:
      | provider   | total     |
      | WeChat Pay | CNY 88.80 |

    @paypal
    Examples:
      | provider | total   |
      | PayPal   | JPY 888 |

  Rule: Cancelling pays back what is left, and never twice

    Background:
      Given a product at CNY 44.40 with 10 in stock
      And the shopper has ordered 2 of it

    @critical @refunds @alipay @CWE-837
    Scenario: What was refunded before is not paid back again
      Given the shopper has paid with Alipay
      And the clerk has refunded CNY 50.00
      When the shopper cancels the order
      Then the order is refunded
      And Alipay has paid back CNY 88.80 in all

    @high @refunds @returns @alipay @CWE-837
    Scenario: What was put back in stock before is not put back again
      Given the shopper has paid with Alipay
      And the clerk has refunded 1 piece of it and put them back in stock
      When the shopper cancels the order
      Then the order is refunded
      And 10 pieces of the product are left

    @high @refunds @alipay
    Scenario: A cancelled order is not refunded once more
      Given the shopper has paid with Alipay
      And the shopper has cancelled the order
      When the clerk refunds CNY 0.01
      Then the refund is refused because the order's state does not allow it
      And Alipay has paid back CNY 88.80 in all

    @high @refunds @wechatpay
    Scenario: A refund that is under way is left to go on
      Given the shopper has paid with WeChat Pay
      And WeChat Pay only accepts the next refund
      And the clerk has refunded CNY 50.00
      When the shopper cancels the order
      Then WeChat Pay has paid back CNY 38.80 in all

    @high @refunds @alipay
    Scenario: What the provider refuses to pay back is not cancelled
      Given the shopper has paid with Alipay
      And Alipay refuses the next refund because the balance is too low
      When the shopper cancels the order
      Then the cancellation is refused because the provider refused
      And the order is paid

  Rule: A payment that is under way comes first

    @critical @notifications @CWE-367
    Scenario Outline: An order paid with <provider> that the shop does not know of yet is not cancelled as unpaid
      Given the shopper has placed an order of CNY 88.80
      And the shopper has chosen <provider>
      And the notifications of the payment are held back
      And the shopper has approved the payment
      When the shopper cancels the order
      Then the cancellation is refused because the order's state does not allow it
      And the order is paid

      @alipay
      Examples:
        | provider |
        | Alipay   |

      @wechatpay
      Examples:
        | provider   |
        | WeChat Pay |

    @critical @paypal @CWE-367
    Scenario: An approved PayPal payment is not taken any more once the order is cancelled
      Given the shopper has placed an order of USD 88.80
      And the shopper has chosen PayPal
      And the notifications of the payment are held back
      And the shopper has approved the payment
      When the shopper cancels the order
      Then the order is cancelled
      And no money has moved

  Rule: An order that cost nothing has nothing to pay back

    Background:
      Given a product at CNY 10.00 with 10 in stock
      And a coupon of CNY 10.00
      And the shopper has ordered 1 of it with the coupon

    @high @coupons
    Scenario: An order that cost nothing is cancelled
      When the shopper cancels the order
      Then the order is cancelled
      And 10 pieces of the product are left
      And no money has moved

    @medium @coupons
    Scenario: An order that cost nothing gives its coupon back
      Given the shopper has cancelled the order
      And the shopper's cart holds 1 of it
      When the shopper uses the coupon
      Then the cart's total is CNY 0.00
