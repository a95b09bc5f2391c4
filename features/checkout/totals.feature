@checkout @charges
Feature: What a purchase costs in all
  The total is the lines, less the discount, with tax and shipping. The cart, the last page before
  ordering, the order and the provider all ask for the same.

  @critical @coupons @confirmation @CWE-682 @WSTG-BUSL-10
  Scenario Outline: <provider> is asked for the <total> that the buyer was shown all along
    Given a product at <price> with 10 in stock
    And it carries <tax> % tax, and <shipping> for shipping
    And a coupon of <coupon>
    And the shopper's cart holds 3 of it with the coupon
    When the shopper checks out with <provider>
    Then everything on the way there asks for <total>

    @alipay
    Examples:
      | provider | price     | coupon    | tax | shipping  | total     |
      | Alipay   | CNY 19.99 | CNY 10.00 | 13  | CNY 12.00 | CNY 68.47 |

    @wechatpay
    Examples:
      | provider   | price    | coupon   | tax | shipping | total    |
      | WeChat Pay | CNY 0.33 | CNY 0.50 | 9   | CNY 0.01 | CNY 0.54 |

    @paypal
    Examples:
      | provider | price     | coupon   | tax  | shipping | total      |
      | PayPal   | USD 10.01 | USD 5.00 | 8.25 | USD 4.99 | USD 32.08  |
      | PayPal   | EUR 33.33 | EUR 0.99 | 19   | EUR 4.90 | EUR 122.71 |
      | PayPal   | JPY 333   | JPY 99   | 10   | JPY 500  | JPY 1490   |

    @paypal
    Examples: Parts that are no whole units of what PayPal writes without decimals
      | provider | price     | coupon   | tax  | shipping | total      |
      | PayPal   | HUF 33.50 | HUF 0.50 | 27   | HUF 5.00 | HUF 132.00 |
      | PayPal   | HUF 33.00 | HUF 9.00 | 5    | HUF 0.50 | HUF 95.00  |
      | PayPal   | TWD 50.25 | TWD 0.75 | 5    | TWD 2.50 | TWD 160.00 |

  @critical @paypal @CWE-682
  Scenario: The order keeps what its total was made of
    Given a product at USD 49.99 with 10 in stock
    And it carries 8.25 % tax, and USD 4.99 for shipping
    And the shopper's cart holds 2 of it
    When the shopper places the order
    And the shopper pays with PayPal
    Then the order tells of USD 0.00 off, USD 8.25 tax and USD 4.99 for shipping
    And PayPal has taken USD 113.22 in all

  Rule: Tax falls on what is left of a line after its share of the discount

    @high @coupons @CWE-682
    Scenario: A discount is shared among the lines before they are taxed
      Given the shopper's cart holds 1 of a product at CNY 10.00 with 13 % tax
      And a product at CNY 5.00 with 10 in stock
      And a coupon of CNY 5.00
      And the shopper's cart holds 1 of it
      When the shopper uses the coupon
      Then the cart's total is CNY 10.87

  Rule: An order is one parcel

    @medium
    Scenario: Two products are shipped for what the dearer one costs
      Given a product at CNY 10.00 with 10 in stock
      And it carries 0 % tax, and CNY 12.00 for shipping
      And the shopper's cart holds 4 of it
      And a product at CNY 5.00 with 10 in stock
      And it carries 0 % tax, and CNY 8.00 for shipping
      When the shopper puts 1 of it in the cart
      Then the cart's total is CNY 57.00

    @high @coupons
    Scenario: A coupon pays for the goods, and not for shipping
      Given a product at CNY 10.00 with 10 in stock
      And it carries 13 % tax, and CNY 6.00 for shipping
      And a coupon of CNY 50.00
      And the shopper's cart holds 1 of it
      When the shopper uses the coupon
      Then the cart's total is CNY 6.00
