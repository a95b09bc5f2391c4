@checkout
Feature: A payment under way
  What the buyer is paying for at the provider is what was ordered, whatever happens in the shop meanwhile.

  @critical @CWE-367 @WSTG-BUSL-10
  Scenario Outline: What goes into the cart while <provider> is asked changes neither the order nor its price
    Given the shopper has placed an order of <total>
    And the shopper has chosen <provider>
    And the shopper's cart holds 3 of it
    When the shopper pays with <provider>
    Then the order is paid
    And the order's total is <total>
    And <provider> has taken <total> in all

    @alipay
    Examples:
      | provider | total     |
      | Alipay   | CNY 37.00 |

    @wechatpay
    Examples:
      | provider   | total     |
      | WeChat Pay | CNY 37.00 |

    @paypal
    Examples:
      | provider | total     |
      | PayPal   | USD 37.00 |

  @high
  Scenario: What was put in the cart meanwhile is still there afterwards
    Given the shopper has placed an order of CNY 37.00
    And the shopper has chosen Alipay
    And the shopper's cart holds 3 of it
    When the shopper pays with Alipay
    Then the cart's total is CNY 111.00
