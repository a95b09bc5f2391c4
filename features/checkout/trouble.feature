@checkout
Feature: Providers in trouble
  A provider that is silent, slow, broken or unwilling costs nobody money: the order waits until it is known what
  became of the payment, the buyer is charged once, and is told in plain words what to do.

  Rule: Without an answer the order is pending; with one it is found again

    @critical @CWE-754
    Scenario Outline: <provider> <trouble>, and the payment is found again
      Given the shopper has placed an order of <total>
      And the shopper has chosen <provider>
      And <provider> <trouble> and tells nobody of the payment
      When the shopper pays with <provider>
      Then the order is pending
      And once <provider> answers again the order is paid
      And <provider> has taken <total> in all

      @alipay
      Examples:
        | provider | trouble                          | total     |
        | Alipay   | does not answer                  | CNY 51.00 |
        | Alipay   | answers with an error of its own | CNY 52.00 |
        | Alipay   | hangs up                         | CNY 53.00 |

      @wechatpay
      Examples:
        | provider   | trouble                          | total     |
        | WeChat Pay | does not answer                  | CNY 51.00 |
        | WeChat Pay | answers with an error of its own | CNY 52.00 |
        | WeChat Pay | hangs up                         | CNY 53.00 |

      @paypal
      Examples:
        | provider | trouble                          | total     |
        | PayPal   | does not answer                  | USD 51.00 |
        | PayPal   | answers with an error of its own | USD 52.00 |
        | PayPal   | hangs up                         | EUR 53.00 |

    @high
    Scenario Outline: <provider> answers slowly, and it is an answer all the same
      Given the shopper has placed an order of <total>
      And the shopper has chosen <provider>
      And <provider> answers slowly and tells nobody of the payment
      When the shopper pays with <provider>
      Then the order is paid
      And <provider> has taken <total> in all

      @alipay
      Examples:
        | provider | total     |
        | Alipay   | CNY 54.00 |

      @wechatpay
      Examples:
        | provider   | total     |
        | WeChat Pay | CNY 54.00 |

      @paypal
      Examples:
        | provider | total     |
        | PayPal   | USD 54.00 |

    @critical @paypal @CWE-837
    Scenario: PayPal's answer to the capture gets lost, and the buyer is charged once
      Given the shopper has placed an order of USD 55.00
      And the shopper has chosen PayPal
      And PayPal takes the money, but its answer and all that it tells get lost
      When the shopper pays with PayPal
      Then the order is paid
      And PayPal has taken USD 55.00 in all

  Rule: Whom the shop cannot send to the provider it tells so, and lets try again

    @high @attempts
    Scenario Outline: <provider> <trouble> when a payment is begun
      Given the shopper has placed an order of <total>
      And <provider> <trouble> when the next payment is begun
      When the shopper chooses <provider>
      Then the payment is refused because the provider is unavailable
      And the order is unpaid
      And no money has moved

      @wechatpay
      Examples:
        | provider   | trouble                          | total     |
        | WeChat Pay | does not answer                  | CNY 56.00 |
        | WeChat Pay | answers with an error of its own | CNY 57.00 |

      @paypal
      Examples:
        | provider | trouble                          | total     |
        | PayPal   | answers with an error of its own | USD 57.00 |
        | PayPal   | hangs up                         | USD 58.00 |

    @high @attempts
    Scenario Outline: <provider> has recovered, and the second try pays the order
      Given the shopper has placed an order of <total>
      And <provider> answers with an error of its own when the next payment is begun
      When the shopper chooses <provider>
      And the shopper pays with <provider>
      Then the order is paid
      And <provider> has taken <total> in all

      @wechatpay
      Examples:
        | provider   | total     |
        | WeChat Pay | CNY 59.00 |

      @paypal
      Examples:
        | provider | total     |
        | PayPal   | EUR 59.00 |

  Rule: A refusal is told in words a buyer understands

    @high @attempts
    Scenario Outline: <provider> refuses because <cause>
      Given the shopper has placed an order of <total>
      And <provider> will refuse the payment because <cause>
      When the shopper pays with <provider>
      Then the payment is refused because <reason>
      And the message holds no word that only engineers understand
      And the order is unpaid
      And no money has moved

      @wechatpay
      Examples:
        | provider   | cause                          | total     | reason                                  |
        | WeChat Pay | the shop may not use it        | CNY 61.00 | the provider does not work for the shop |
        | WeChat Pay | the shop's account is abnormal | CNY 62.00 | the provider does not work for the shop |
        | WeChat Pay | its limit is lower             | CNY 63.00 | the amount is above the provider's limit |
        | WeChat Pay | too many are asking            | CNY 64.00 | the provider is unavailable             |

      @paypal
      Examples:
        | provider | cause                             | total     | reason                                  |
        | PayPal   | the buyer's account is restricted | USD 61.00 | the provider does not let the buyer pay |
        | PayPal   | the buyer's account is closed     | USD 62.00 | the provider does not let the buyer pay |
        | PayPal   | the buyer cannot pay              | USD 63.00 | the provider does not let the buyer pay |
        | PayPal   | the buyer's card was declined     | USD 64.00 | the payment was declined                |
        | PayPal   | the payment is against the law    | USD 65.00 | the provider does not let the buyer pay |
        | PayPal   | the shop's account is restricted  | USD 66.00 | the provider does not work for the shop |
        | PayPal   | the card was tried too often      | USD 67.00 | it was tried too often                  |
