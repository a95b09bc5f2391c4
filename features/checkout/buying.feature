@checkout
Feature: Buying with each provider
  A shopper pays at the provider exactly what the shop showed, and the shop, the shopper
  and the provider agree on it afterwards.

  @smoke @critical
  Scenario Outline: A shopper buys with <provider>
    Given a product at <price> with 10 in stock
    When the shopper puts 2 of it in the cart
    And the shopper places the order
    And the shopper pays with <provider>
    Then the order is paid
    And <provider> has taken <total> in all
    And 8 pieces of the product are left

    @alipay
    Examples:
      | provider | price     | total      |
      | Alipay   | CNY 88.80 | CNY 177.60 |

    @wechatpay
    Examples:
      | provider   | price     | total     |
      | WeChat Pay | CNY 19.90 | CNY 39.80 |

    @paypal
    Examples:
      | provider | price     | total     |
      | PayPal   | USD 49.99 | USD 99.98 |

  Rule: What the buyer reads at the provider is what the shop asks for

    @web @critical @WSTG-BUSL-10
    Scenario Outline: The page of <provider> asks for this order's total
      Given the shopper has placed an order of <total>
      When the shopper chooses <provider>
      Then the provider's page asks for <total>
      And the provider's page names the order

      @alipay
      Examples:
        | provider | total       |
        | Alipay   | CNY 1234.50 |

      @wechatpay
      Examples:
        | provider   | total    |
        | WeChat Pay | CNY 0.01 |

      @paypal
      Examples:
        | provider | total      |
        | PayPal   | EUR 219.99 |

    @web @wechatpay @critical
    Scenario: The QR code on the screen is WeChat Pay's code for this payment
      Given the shopper has placed an order of CNY 88.80
      When the shopper chooses WeChat Pay
      Then the QR code on the screen is the provider's code for CNY 88.80

  Rule: A payment that fails costs nothing and may be tried again

    @high
    Scenario Outline: A payment declined at <provider> is tried again with success
      Given the shopper has placed an order of <total>
      And the shopper has chosen <provider>
      And the bank has declined the payment
      When the shopper pays with <provider>
      Then the order is paid
      And <provider> has taken <total> in all

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
        | provider | total     |
        | PayPal   | USD 88.80 |

    @high
    Scenario Outline: A shopper who leaves the page of <provider> has paid nothing
      Given the shopper has placed an order of <total>
      And the shopper has chosen <provider>
      When the shopper leaves the provider's page
      And the shopper comes back to the shop
      Then the order is unpaid
      And no money has moved

      @alipay
      Examples:
        | provider | total     |
        | Alipay   | CNY 45.00 |

      @wechatpay
      Examples:
        | provider   | total     |
        | WeChat Pay | CNY 45.00 |

      @paypal
      Examples:
        | provider | total     |
        | PayPal   | EUR 45.00 |

  Rule: One order is paid once

    @high
    Scenario Outline: Who has been to <provider> and has not paid may choose it again
      Given the shopper has placed an order of <total>
      And the shopper has chosen <provider>
      When the shopper pays with <provider>
      Then the order is paid
      And <provider> has taken <total> in all

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

    @critical @CWE-837
    Scenario Outline: Choosing <provider> twice is still one payment
      Given the shopper has placed an order of <total>
      And the shopper has chosen <provider>
      When the shopper chooses <provider>
      And the shopper approves whatever was begun, and returns
      Then the order is paid
      And <provider> has taken <total> in all

      @alipay
      Examples:
        | provider | total     |
        | Alipay   | CNY 67.00 |

      @wechatpay
      Examples:
        | provider   | total     |
        | WeChat Pay | CNY 67.00 |

      @paypal
      Examples:
        | provider | total     |
        | PayPal   | USD 67.00 |

    @critical @alipay @CWE-837
    Scenario: A paid order is not paid again
      Given the shopper has paid an order of CNY 88.80 with Alipay
      When the shopper chooses Alipay
      Then the payment is refused because the order's state does not allow it
      And Alipay has taken CNY 88.80 in all
