@refunds
Feature: Refunds
  What was captured can be paid back, whole or in parts, never a minor unit more,
  and it goes back the way it came.

  @smoke @critical
  Scenario Outline: An order paid with <provider> is refunded in full
    Given the shopper has paid an order of <total> with <provider>
    When the clerk refunds <total>
    Then the order is refunded
    And <provider> has paid back <total> in all

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
      | PayPal   | JPY 8880  |

  @critical @CWE-682
  Scenario Outline: Several refunds through <provider> add up to the captured amount
    Given the shopper has paid an order of <total> with <provider>
    And the clerk has refunded <first>
    And the clerk has refunded <second>
    When the clerk refunds <rest>
    Then the order is refunded
    And <provider> has paid back <total> in all

    @alipay
    Examples:
      | provider | total     | first     | second   | rest      |
      | Alipay   | CNY 88.80 | CNY 50.00 | CNY 0.01 | CNY 38.79 |

    @wechatpay
    Examples:
      | provider   | total     | first    | second   | rest     |
      | WeChat Pay | CNY 10.00 | CNY 3.33 | CNY 3.33 | CNY 3.34 |

    @paypal
    Examples:
      | provider | total       | first      | second     | rest       |
      | PayPal   | HUF 1000.00 | HUF 334.00 | HUF 333.00 | HUF 333.00 |

  Rule: Never more than was captured

    @critical @CWE-682 @WSTG-BUSL-10
    Scenario Outline: A second refund through <provider> may not exceed what is left
      Given the shopper has paid an order of <total> with <provider>
      And the clerk has refunded <first>
      When the clerk refunds <too much>
      Then the refund is refused because it exceeds the captured amount
      And the order still shows <left> refundable
      And <provider> has paid back <first> in all

      @alipay
      Examples:
        | provider | total     | first     | too much  | left      |
        | Alipay   | CNY 88.80 | CNY 50.00 | CNY 38.81 | CNY 38.80 |

      @wechatpay
      Examples:
        | provider   | total     | first     | too much  | left      |
        | WeChat Pay | CNY 88.80 | CNY 50.00 | CNY 38.81 | CNY 38.80 |

      @paypal
      Examples:
        | provider | total     | first     | too much  | left      |
        | PayPal   | EUR 88.80 | EUR 50.00 | EUR 38.81 | EUR 38.80 |

    @high @alipay @CWE-1284
    Scenario Outline: A refund of <amount> is not a refund
      Given the shopper has paid an order of CNY 88.80 with Alipay
      When the clerk refunds <amount>
      Then the refund is refused because it is invalid
      And the order still shows CNY 88.80 refundable
      And Alipay has paid back CNY 0.00 in all

      Examples:
        | amount     |
        | CNY 0.00   |
        | CNY -10.00 |

    @high @alipay
    Scenario: A refund in another currency is refused
      Given the shopper has paid an order of CNY 88.80 with Alipay
      When the clerk refunds USD 10.00
      Then the refund is refused because it is invalid
      And the order still shows CNY 88.80 refundable

    @high
    Scenario: An unpaid order has nothing to refund
      Given the shopper has placed an order of CNY 88.80
      When the clerk refunds CNY 88.80
      Then the refund is refused because the order's state does not allow it
      And the order is unpaid

    @high @alipay
    Scenario: A refunded order has nothing left to refund
      Given the shopper has paid an order of CNY 88.80 with Alipay
      And the clerk has refunded CNY 88.80
      When the clerk refunds CNY 0.01
      Then the refund is refused because the order's state does not allow it
      And Alipay has paid back CNY 88.80 in all

  Rule: One request pays back once

    @critical @alipay @CWE-837
    Scenario: The same refund request sent twice is one refund
      Given the shopper has paid an order of CNY 88.80 with Alipay
      When the clerk sends a refund request of CNY 30.00
      And the clerk sends the same refund request again
      Then Alipay has paid back CNY 30.00 in all
      And the order still shows CNY 58.80 refundable

    @high @alipay @CWE-837
    Scenario: A refund request is not sent again with another amount
      Given the shopper has paid an order of CNY 88.80 with Alipay
      When the clerk sends a refund request of CNY 30.00
      And the clerk sends the same refund request with CNY 31.00
      Then the refund is refused because the idempotency key was used for another request
      And Alipay has paid back CNY 30.00 in all

    @critical @CWE-837
    Scenario Outline: A refund whose answer from <provider> got lost is paid back once
      Given the shopper has paid an order of <total> with <provider>
      And <provider> makes the next refund but its answer gets lost
      When the clerk sends a refund request of <amount>
      And the clerk sends the same refund request again
      Then the refund is made
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

  Rule: A refund that the provider has only accepted is not yet paid back

    Background:
      Given the shopper has paid an order of CNY 88.80 with WeChat Pay
      And WeChat Pay only accepts the next refund

    @high @wechatpay @CWE-754
    Scenario: An accepted refund is pending and keeps its amount
      When the clerk refunds CNY 88.80
      Then the refund is pending
      And the order still shows CNY 0.00 refundable
      And WeChat Pay has paid back CNY 0.00 in all

    @high @wechatpay
    Scenario: An accepted refund is settled when WeChat Pay says so
      Given the clerk has refunded CNY 88.80
      When WeChat Pay reports the refund as a success
      Then the order is refunded
      And WeChat Pay has paid back CNY 88.80 in all

    @high @wechatpay @CWE-754
    Scenario: A refund that WeChat Pay closed may be tried again
      Given the clerk has refunded CNY 88.80
      And WeChat Pay has reported the refund as closed
      When the clerk refunds CNY 88.80
      Then the order is refunded
      And WeChat Pay has paid back CNY 88.80 in all

  Rule: A refund has a reason

    @high @alipay
    Scenario: Without a reason nothing is refunded
      Given the shopper has paid an order of CNY 88.80 with Alipay
      When the clerk refunds CNY 10.00 without a reason
      Then the refund is refused because it is invalid
      And the order still shows CNY 88.80 refundable

  Rule: A refund is written with the digits that the provider takes

    @high @paypal @CWE-682
    Scenario: A refund of a part of a forint is refused
      Given the shopper has paid an order of HUF 1990.00 with PayPal
      When the clerk refunds HUF 10.50
      Then the refund is refused because it is invalid
      And the order still shows HUF 1990.00 refundable

  Rule: While one refund is under way there may be another, of what is left

    Background:
      Given the shopper has paid an order of CNY 88.80 with WeChat Pay
      And WeChat Pay only accepts the next refund
      And the clerk has refunded CNY 50.00

    @critical @wechatpay
    Scenario: The rest is refunded while a refund is under way
      When the clerk refunds CNY 38.80
      Then WeChat Pay has paid back CNY 38.80 in all
      And the order still shows CNY 0.00 refundable

    @critical @wechatpay @CWE-682
    Scenario: What is under way is not refunded once more
      When the clerk refunds CNY 38.81
      Then the refund is refused because it exceeds the captured amount
      And WeChat Pay has paid back CNY 0.00 in all

  Rule: What the provider refuses is told, and may be tried again

    @high @CWE-754
    Scenario Outline: <provider> refuses a refund because <trouble>
      Given the shopper has paid an order of <total> with <provider>
      And <provider> refuses the next refund because <trouble>
      When the clerk refunds <total>
      Then the refund is refused because the provider refused
      And the order still shows <total> refundable
      And <provider> has paid back <nothing> in all

      @alipay
      Examples:
        | provider | total     | nothing  | trouble                |
        | Alipay   | CNY 88.80 | CNY 0.00 | the balance is too low |
        | Alipay   | CNY 88.80 | CNY 0.00 | it comes too late      |

      @wechatpay
      Examples:
        | provider   | total     | nothing  | trouble                |
        | WeChat Pay | CNY 88.80 | CNY 0.00 | the balance is too low |
        | WeChat Pay | CNY 88.80 | CNY 0.00 | it comes too late      |
        | WeChat Pay | CNY 88.80 | CNY 0.00 | there were too many    |

      @paypal
      Examples:
        | provider | total     | nothing  | trouble                |
        | PayPal   | USD 88.80 | USD 0.00 | the balance is too low |
        | PayPal   | USD 88.80 | USD 0.00 | it comes too late      |
        | PayPal   | USD 88.80 | USD 0.00 | there were too many    |

    @high
    Scenario Outline: A refund that <provider> has refused is made when there is money again
      Given the shopper has paid an order of <total> with <provider>
      And <provider> refuses the next refund because the balance is too low
      And the clerk has tried to refund <total>
      When the clerk refunds <total>
      Then the order is refunded
      And <provider> has paid back <total> in all

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

  Rule: A refund comes in time, and there are not too many

    @high @CWE-754
    Scenario Outline: <days> days after the payment <provider> refunds no more
      Given the shopper has paid an order of <total> with <provider>
      And the payment with <provider> was made <days> days ago
      When the clerk refunds <total>
      Then the refund is refused because the provider refused
      And the order still shows <total> refundable
      And <provider> has paid back <nothing> in all

      @alipay
      Examples:
        | provider | total     | nothing  | days |
        | Alipay   | CNY 88.80 | CNY 0.00 | 366  |

      @wechatpay
      Examples:
        | provider   | total     | nothing  | days |
        | WeChat Pay | CNY 88.80 | CNY 0.00 | 366  |

      @paypal
      Examples:
        | provider | total     | nothing  | days |
        | PayPal   | USD 88.80 | USD 0.00 | 181  |

    @high
    Scenario Outline: <days> days after the payment <provider> still refunds
      Given the shopper has paid an order of <total> with <provider>
      And the payment with <provider> was made <days> days ago
      When the clerk refunds <total>
      Then the order is refunded
      And <provider> has paid back <total> in all

      @alipay
      Examples:
        | provider | total     | days |
        | Alipay   | CNY 88.80 | 364  |

      @wechatpay
      Examples:
        | provider   | total     | days |
        | WeChat Pay | CNY 88.80 | 364  |

      @paypal
      Examples:
        | provider | total     | days |
        | PayPal   | USD 88.80 | 179  |

    @medium @wechatpay @CWE-754
    Scenario: WeChat Pay refunds one payment fifty times, and no more
      Given the shopper has paid an order of CNY 88.80 with WeChat Pay
      And the clerk has refunded CNY 0.01 50 times
      When the clerk refunds CNY 0.01
      Then the refund is refused because the provider refused
      And the order still shows CNY 88.30 refundable
      And WeChat Pay has paid back CNY 0.50 in all
