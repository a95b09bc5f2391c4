@notifications @attack
Feature: Only the provider's own word pays an order
  A notification is believed when it is signed by the provider and speaks of this order,
  this amount and this merchant.

  @critical @CWE-347 @WSTG-BUSL-02
  Scenario Outline: A notification of <provider> <forgery> pays nothing
    Given the shopper has placed an order of <total>
    And the shopper has chosen <provider>
    When a notification <forgery> says that the order is paid
    Then the notification is turned away
    And the order is unpaid

    @alipay
    Examples:
      | provider | total     | forgery                |
      | Alipay   | CNY 71.00 | without a signature    |
      | Alipay   | CNY 71.00 | signed by somebody else |
      | Alipay   | CNY 71.00 | altered after signing  |

    @wechatpay
    Examples:
      | provider   | total     | forgery                |
      | WeChat Pay | CNY 71.00 | without a signature    |
      | WeChat Pay | CNY 71.00 | signed by somebody else |
      | WeChat Pay | CNY 71.00 | altered after signing  |
      | WeChat Pay | CNY 71.00 | with a probe's signature |

    @paypal
    Examples:
      | provider | total     | forgery                |
      | PayPal   | USD 71.00 | without a signature    |
      | PayPal   | USD 71.00 | signed by somebody else |
      | PayPal   | USD 71.00 | altered after signing  |

  @critical @CWE-345 @WSTG-BUSL-10
  Scenario Outline: A genuine notification of <provider> about <amount> does not pay an order of <total>
    Given the shopper has placed an order of <total>
    And the shopper has chosen <provider>
    When a genuine notification says that <amount> was paid
    Then the order is unpaid
    And no money has moved

    @alipay
    Examples:
      | provider | total     | amount   |
      | Alipay   | CNY 72.00 | CNY 0.01 |

    @wechatpay
    Examples:
      | provider   | total     | amount   |
      | WeChat Pay | CNY 72.00 | CNY 0.01 |

    @paypal
    Examples:
      | provider | total     | amount    |
      | PayPal   | USD 72.00 | USD 0.01  |
      | PayPal   | USD 72.00 | EUR 72.00 |

  @critical @CWE-294
  Scenario Outline: The notification of one order paid with <provider> does not pay another
    Given another shopper has paid an order of <total> with <provider>
    And the shopper has placed an order of <total>
    And the shopper has chosen <provider>
    When the other order's notification is sent again
    Then the order is unpaid
    And no money has moved

    @alipay
    Examples:
      | provider | total     |
      | Alipay   | CNY 73.00 |

    @wechatpay
    Examples:
      | provider   | total     |
      | WeChat Pay | CNY 73.00 |

    @paypal
    Examples:
      | provider | total     |
      | PayPal   | EUR 73.00 |

  @high
  Scenario: A genuine notification about an order nobody placed changes nothing
    Given the shopper has placed an order of CNY 74.00
    And the shopper has chosen Alipay
    When a genuine notification speaks of an order nobody placed
    Then the notification is turned away
    And the order is unpaid
