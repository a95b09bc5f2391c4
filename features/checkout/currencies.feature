@checkout @currencies
Feature: Currencies and limits
  A currency keeps its own digits all the way to the provider, and a provider is asked only
  for what it takes.

  @critical @paypal @CWE-682
  Scenario Outline: An order of <total> reaches PayPal with its own digits
    Given the shopper has placed an order of <total>
    When the shopper pays with PayPal
    Then the order is paid
    And PayPal has taken <total> in all

    Examples:
      | total       |
      | JPY 500     |
      | HUF 1990.00 |
      | USD 19.90   |
      | EUR 0.01    |

  @high
  Scenario Outline: <provider> is not asked for <total>
    Given the shopper has placed an order of <total>
    When the shopper chooses <provider>
    Then the payment is refused because <reason>
    And the order is unpaid

    @alipay
    Examples:
      | provider | total   | reason                                  |
      | Alipay   | JPY 500 | the provider does not take the currency |

    @wechatpay
    Examples:
      | provider   | total     | reason                                  |
      | WeChat Pay | EUR 19.99 | the provider does not take the currency |

    @paypal
    Examples:
      | provider | total       | reason                                  |
      | PayPal   | KWD 1.250   | the provider does not take the currency |
      | PayPal   | HUF 1990.50 | it is invalid                           |

  Rule: A provider's largest amount is still taken, one minor unit more is not

    @medium
    Scenario Outline: <provider> takes <total>
      Given the shopper has placed an order of <total>
      When the shopper pays with <provider>
      Then the order is paid
      And <provider> has taken <total> in all

      @alipay
      Examples:
        | provider | total            |
        | Alipay   | CNY 100000000.00 |

      @wechatpay
      Examples:
        | provider   | total           |
        | WeChat Pay | CNY 21474836.47 |

      @paypal
      Examples:
        | provider | total          |
        | PayPal   | USD 9999999.99 |

    @medium
    Scenario Outline: <provider> is not asked for as much as <total>
      Given the shopper has placed an order of <total>
      When the shopper chooses <provider>
      Then the payment is refused because the amount is above the provider's limit
      And the order is unpaid

      @alipay
      Examples:
        | provider | total            |
        | Alipay   | CNY 100000000.01 |

      @wechatpay
      Examples:
        | provider   | total           |
        | WeChat Pay | CNY 21474836.48 |

      @paypal
      Examples:
        | provider | total           |
        | PayPal   | USD 10000000.00 |
