@orders
Feature: Money that nobody waits for
  A payment that comes too late, or a second time, goes back on its own, once.

  @critical @CWE-367
  Scenario Outline: Money that comes through <provider> after the order expired goes back
    Given the shopper has placed an order of <total>
    And the shopper has chosen <provider>
    And <provider> does not close the payment when asked
    And the time to pay has run out
    When the shopper approves the payment and never returns
    Then the order is expired
    And the money that came too late is paid back

    @alipay
    Examples:
      | provider | total     |
      | Alipay   | CNY 61.00 |

    @wechatpay
    Examples:
      | provider   | total     |
      | WeChat Pay | CNY 61.00 |

  @critical @paypal @CWE-367
  Scenario: PayPal's approval of an order that has expired takes no money
    Given the shopper has placed an order of USD 61.00
    And the shopper has chosen PayPal
    And the time to pay has run out
    When the shopper approves the payment and never returns
    Then every notification of the payment is acknowledged
    And the order is expired
    And no money has moved

  @critical @alipay @wechatpay
  Scenario: A second payment of an order goes back
    Given the shopper has placed an order of CNY 62.00
    And the shopper has chosen Alipay
    And Alipay does not close the payment when asked
    And the shopper has paid with WeChat Pay
    When the shopper approves the first payment as well
    Then the order is paid
    And one of the two payments is paid back
