@notifications
Feature: Notifications come late, twice, or in the wrong order
  The network promises nothing about when a notification arrives, nor how often.

  @smoke @critical
  Scenario Outline: A genuine notification of <provider> gets the answer that the provider wants
    Given the shopper has placed an order of <total>
    And the shopper has chosen <provider>
    When the shopper approves the payment and never returns
    Then the order is paid
    And every notification of the payment is acknowledged

    @alipay
    Examples:
      | provider | total     |
      | Alipay   | CNY 81.00 |

    @wechatpay
    Examples:
      | provider   | total     |
      | WeChat Pay | CNY 81.00 |

    @paypal
    Examples:
      | provider | total     |
      | PayPal   | USD 81.00 |

  @critical @CWE-837
  Scenario Outline: The same notification of <provider> ten times pays the order once
    Given the shopper has paid an order of <total> with <provider>
    When the payment's notification is sent 10 more times
    Then the order is paid
    And <provider> has taken <total> in all
    And every notification of the payment is acknowledged

    @alipay
    Examples:
      | provider | total     |
      | Alipay   | CNY 82.00 |

    @wechatpay
    Examples:
      | provider   | total     |
      | WeChat Pay | CNY 82.00 |

    @paypal
    Examples:
      | provider | total     |
      | PayPal   | EUR 82.00 |

  @critical @CWE-841
  Scenario Outline: The payment's notification of <provider> after the refund does not revive the order
    Given the shopper has placed an order of <total>
    And the shopper has chosen <provider>
    And the notifications of the payment are held back
    And the shopper has paid with <provider>
    And the clerk has refunded <total>
    When the held notifications arrive
    Then the order is refunded

    @alipay
    Examples:
      | provider | total     |
      | Alipay   | CNY 83.00 |

    @wechatpay
    Examples:
      | provider   | total     |
      | WeChat Pay | CNY 83.00 |

    @paypal
    Examples:
      | provider | total     |
      | PayPal   | USD 83.00 |

  @high
  Scenario Outline: The notification of <provider> sent again after a refund changes nothing
    Given the shopper has paid an order of <total> with <provider>
    And the clerk has refunded <part>
    When the payment's notification is sent 2 more times
    Then the order is partially refunded
    And <provider> has paid back <part> in all

    @alipay
    Examples:
      | provider | total     | part      |
      | Alipay   | CNY 84.00 | CNY 40.00 |

    @wechatpay
    Examples:
      | provider   | total     | part      |
      | WeChat Pay | CNY 84.00 | CNY 40.00 |

  @high @refunds
  Scenario Outline: A refund made in the console of <provider> shows up in the order
    Given the shopper has paid an order of <total> with <provider>
    When the merchant refunds <part> in the console of <provider>
    Then the order is partially refunded
    And the order still shows <left> refundable

    @alipay
    Examples:
      | provider | total     | part      | left      |
      | Alipay   | CNY 85.00 | CNY 40.00 | CNY 45.00 |

    @paypal
    Examples:
      | provider | total     | part      | left      |
      | PayPal   | USD 85.00 | USD 40.00 | USD 45.00 |
