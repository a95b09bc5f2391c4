Feature: Two at the same moment
  Shops break where two people, or a person and a provider, act at the same moment.
  What holds for one after the other holds for both together.

  @checkout @critical @CWE-362
  Scenario: The last piece has one buyer
    Given a product at CNY 5.00 with 1 in stock
    And the shopper's cart holds 1 of it
    And another shopper's cart holds 1 of it
    When both shoppers place their orders at once
    Then one of the two is refused because it is out of stock
    And 0 pieces of the product are left

  @checkout @coupons @critical @CWE-362
  Scenario: The last use of a coupon is one shopper's
    Given a product at CNY 88.80 with 10 in stock
    And a coupon of CNY 10.00
    And the shopper's cart holds 1 of it with the coupon
    And another shopper's cart holds 1 of it with the coupon
    When both shoppers place their orders at once
    Then one of the two is refused because the coupon is used up
    And 9 pieces of the product are left

  @checkout @guests @coupons @coupon_terms @critical @CWE-362
  Scenario: A coupon for each shopper once is used once by two guests with one e-mail
    Given a shopper without an account
    And a product at CNY 88.80 with 10 in stock
    And a coupon of CNY 10.00 for each shopper once
    And the shopper's cart holds 1 of it with the coupon
    And the cart of a guest with the same e-mail holds 1 of it with the coupon
    When both guests place their orders at once
    Then one of the two is refused because the shopper has used the coupon already

  @checkout @critical @CWE-362
  Scenario Outline: A double click on Pay takes the money through <provider> once
    Given the shopper has placed an order of <total>
    When the shopper presses Pay twice at once to pay with <provider>
    And the shopper approves whatever was begun, and returns
    Then <provider> has taken <total> in all

    @alipay
    Examples:
      | provider | total     |
      | Alipay   | CNY 66.00 |

    @wechatpay
    Examples:
      | provider   | total     |
      | WeChat Pay | CNY 66.00 |

    @paypal
    Examples:
      | provider | total     |
      | PayPal   | USD 66.00 |

  @checkout @notifications @critical @CWE-362
  Scenario Outline: The return and the notification of <provider> at the same moment pay the order once
    Given the shopper has placed an order of <total>
    And the shopper has chosen <provider>
    And the notifications of the payment are held back
    And the shopper has approved the payment
    When the shopper's return and the held notifications arrive at once
    Then the order still shows <total> refundable
    And 9 pieces of the product are left

    @alipay
    Examples:
      | provider | total     |
      | Alipay   | CNY 33.00 |

    @wechatpay
    Examples:
      | provider   | total     |
      | WeChat Pay | CNY 33.00 |

    @paypal
    Examples:
      | provider | total     |
      | PayPal   | USD 33.00 |

  @checkout @orders @paypal @critical @CWE-362
  Scenario: Cancelling and coming back from PayPal at the same moment charge for a living order only
    Given the shopper has placed an order of USD 33.00
    And the shopper has chosen PayPal
    And the notifications of the payment are held back
    And the shopper has approved the payment
    When the shopper cancels the order and comes back at once
    Then PayPal has taken the total of an order that was paid, or nothing of a cancelled one

  @refunds @critical @CWE-362
  Scenario Outline: Two refunds through <provider> at once stay within what was captured
    Given the shopper has paid an order of <total> with <provider>
    When the clerk sends two refund requests of <amount> at once
    Then one of the two is refused because it exceeds the captured amount
    And <provider> has paid back <amount> in all

    @alipay
    Examples:
      | provider | total     | amount    |
      | Alipay   | CNY 88.80 | CNY 50.00 |

    @wechatpay
    Examples:
      | provider   | total     | amount    |
      | WeChat Pay | CNY 88.80 | CNY 50.00 |

    @paypal
    Examples:
      | provider | total     | amount    |
      | PayPal   | EUR 88.80 | EUR 50.00 |

  @refunds @critical @CWE-362 @CWE-837
  Scenario Outline: One refund request sent through <provider> twice at once is one refund
    Given the shopper has paid an order of <total> with <provider>
    When the clerk sends the same refund request of <amount> twice at once
    Then both times it is the same refund
    And <provider> has paid back <amount> in all

    @alipay
    Examples:
      | provider | total     | amount    |
      | Alipay   | CNY 88.80 | CNY 30.00 |

    @wechatpay
    Examples:
      | provider   | total     | amount    |
      | WeChat Pay | CNY 88.80 | CNY 30.00 |

    @paypal
    Examples:
      | provider | total     | amount    |
      | PayPal   | USD 88.80 | USD 30.00 |

  @refunds @roles @critical @alipay @CWE-362
  Scenario: Two refunds at once do not slip under the clerk's limit
    Given the shopper has paid an order of CNY 888.00 with Alipay
    When the clerk sends two refund requests of CNY 300.00 at once
    Then one of the two is awaiting approval
    And Alipay has paid back CNY 300.00 in all
