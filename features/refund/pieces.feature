@refunds @returns
Feature: Refunds by the piece
  Somebody who sends back two of three gets what they paid for two: after the discount, to the cent.

  Rule: A piece is worth what was paid for it

    @critical @CWE-682
    Scenario Outline: Of three pieces at <price> less <discount>, the pieces sent back are worth <amount>
      Given a product at <price> with 10 in stock
      And a coupon of <discount>
      And the shopper has ordered 3 of it with the coupon
      And the shopper has paid with <provider>
      When the clerk refunds <pieces> of it
      Then <provider> has paid back <amount> in all

      @alipay
      Examples:
        | provider | price     | discount  | pieces   | amount    |
        | Alipay   | CNY 33.33 | CNY 10.00 | 1 piece  | CNY 29.99 |
        | Alipay   | CNY 33.33 | CNY 10.00 | 2 pieces | CNY 59.99 |
        | Alipay   | CNY 33.33 | CNY 10.00 | 3 pieces | CNY 89.99 |

      @wechatpay
      Examples:
        | provider   | price    | discount | pieces   | amount   |
        | WeChat Pay | CNY 0.02 | CNY 0.01 | 1 piece  | CNY 0.01 |

      @paypal
      Examples:
        | provider | price      | discount   | pieces   | amount     |
        | PayPal   | HUF 367.00 | HUF 101.00 | 2 pieces | HUF 666.00 |
        | PayPal   | JPY 100    | JPY 1      | 2 pieces | JPY 199    |

    @high @charges @coupons @alipay @CWE-754
    Scenario: For a piece that a coupon paid for there is nothing to refund
      Given a product at CNY 20.00 with 10 in stock
      And it carries 0 % tax, and CNY 6.00 for shipping
      And a coupon of CNY 60.00
      And the shopper has ordered 3 of it with the coupon
      And the shopper has paid with Alipay
      When the clerk refunds 1 piece of it
      Then the refund is refused because nothing was paid for it

    @critical @alipay @CWE-682
    Scenario: Pieces sent back one after the other are worth together what was paid
      Given a product at CNY 33.33 with 10 in stock
      And a coupon of CNY 10.00
      And the shopper has ordered 3 of it with the coupon
      And the shopper has paid with Alipay
      And the clerk has refunded 1 piece of it
      When the clerk refunds 2 pieces of it
      Then the order is refunded

  Rule: Each piece once, whatever else was paid for

    @critical @charges @alipay @CWE-837
    Scenario: A piece is not refunded twice
      Given a product at CNY 20.00 with 10 in stock
      And it carries 0 % tax, and CNY 40.00 for shipping
      And the shopper has ordered 3 of it
      And the shopper has paid with Alipay
      And the clerk has refunded 2 pieces of it
      When the clerk refunds 2 pieces of it
      Then the refund is refused because it exceeds the ordered quantity

  Rule: Only pieces that were bought

    Background:
      Given a product at CNY 20.00 with 10 in stock
      And the shopper has ordered 3 of it
      And the shopper has paid with Alipay

    @high @alipay @CWE-1284
    Scenario Outline: Of <quantity> there is nothing to refund
      When the clerk refunds <quantity> of it
      Then the refund is refused because it is invalid
      And the order still shows CNY 60.00 refundable

      Examples:
        | quantity  |
        | 0 pieces  |
        | -1 pieces |

    @critical @alipay @CWE-639
    Scenario: A piece of another order is not refunded on this one
      Given another shopper has paid an order of CNY 30.00 with Alipay
      When the clerk refunds 1 piece of it
      Then the refund is refused because it is not part of the order
      And the order still shows CNY 60.00 refundable

    @high @alipay
    Scenario: Pieces are not worth more than is left of the money
      Given the clerk has refunded CNY 45.00
      When the clerk refunds 1 piece of it
      Then the refund is refused because it exceeds the captured amount
      And Alipay has paid back CNY 45.00 in all

  Rule: What came back is sold again if it is fit for it

    Background:
      Given a product at CNY 20.00 with 10 in stock
      And the shopper has ordered 3 of it

    @high @alipay
    Scenario: Pieces that can be sold again are back in stock
      Given the shopper has paid with Alipay
      When the clerk refunds 2 pieces of it and puts them back in stock
      Then Alipay has paid back CNY 40.00 in all
      And 9 pieces of the product are left

    @high @alipay
    Scenario: Pieces that are broken stay out of stock
      Given the shopper has paid with Alipay
      When the clerk refunds 2 pieces of it
      Then Alipay has paid back CNY 40.00 in all
      And 7 pieces of the product are left

    @high @wechatpay @CWE-754
    Scenario: A refund that is only accepted puts nothing back in stock
      Given the shopper has paid with WeChat Pay
      And WeChat Pay only accepts the next refund
      When the clerk refunds 2 pieces of it and puts them back in stock
      Then the refund is pending
      And 7 pieces of the product are left
