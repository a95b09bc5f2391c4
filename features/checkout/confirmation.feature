@checkout @notifications
Feature: How the shop learns that an order was paid
  The buyer's return and the provider's notification may come in any order, or only one of them.
  Either is enough, and both together pay the order once.

  @critical
  Scenario Outline: The buyer returns before the notification of <provider> arrives
    Given the shopper has placed an order of <total>
    And the shopper has chosen <provider>
    And the notifications of the payment are held back
    When the shopper pays with <provider>
    Then the order is paid
    And <provider> has taken <total> in all

    @alipay
    Examples:
      | provider | total     |
      | Alipay   | CNY 31.00 |

    @wechatpay
    Examples:
      | provider   | total     |
      | WeChat Pay | CNY 31.00 |

    @paypal
    Examples:
      | provider | total     |
      | PayPal   | EUR 31.00 |

  @critical
  Scenario Outline: The notification of <provider> arrives and the buyer never returns
    Given the shopper has placed an order of <total>
    And the shopper has chosen <provider>
    When the shopper approves the payment and never returns
    Then the order is paid
    And <provider> has taken <total> in all

    @alipay
    Examples:
      | provider | total     |
      | Alipay   | CNY 32.00 |

    @wechatpay
    Examples:
      | provider   | total     |
      | WeChat Pay | CNY 32.00 |

    @paypal
    Examples:
      | provider | total     |
      | PayPal   | USD 32.00 |

  @critical @CWE-837
  Scenario Outline: The return and the notification of <provider> together pay the order once
    Given the shopper has placed an order of <total>
    And the shopper has chosen <provider>
    And the notifications of the payment are held back
    And the shopper has paid with <provider>
    When the held notifications arrive
    Then <provider> has taken <total> in all
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

  @critical @CWE-345 @WSTG-BUSL-10
  Scenario Outline: Coming back from <provider> proves nothing by itself
    Given the shopper has placed an order of <total>
    And the shopper has chosen <provider>
    When the shopper comes back to the shop
    Then the order is unpaid
    And no money has moved

    @alipay
    Examples:
      | provider | total     |
      | Alipay   | CNY 34.00 |

    @wechatpay
    Examples:
      | provider   | total     |
      | WeChat Pay | CNY 34.00 |

    @paypal
    Examples:
      | provider | total     |
      | PayPal   | EUR 34.00 |

  @critical @paypal @CWE-754
  Scenario: A PayPal payment under review is not a paid order
    Given the shopper has placed an order of USD 35.00
    And the shopper has chosen PayPal
    And PayPal puts the payment under review
    When the shopper pays with PayPal
    Then the order is pending
    And no money has moved
