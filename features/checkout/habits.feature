@checkout @screens @web
Feature: Habits of people with browsers
  Buyers press twice, go back, reload, keep two tabs open and walk away. None of it costs them money twice,
  and none of it loses their order.

  Rule: Pressing twice is ordering once

    @critical @CWE-837
    Scenario Outline: A shopper who double-clicks buys with <provider> once
      Given a product at <price> with 10 in stock
      And the shopper uses double clicks
      When the shopper puts 2 of it in the cart
      And the shopper places the order
      And the shopper pays with <provider>
      Then the shopper has one order
      And <provider> has taken <total> in all

      @alipay
      Examples:
        | provider | price     | total     |
        | Alipay   | CNY 21.00 | CNY 42.00 |

      @wechatpay
      Examples:
        | provider   | price     | total     |
        | WeChat Pay | CNY 21.00 | CNY 42.00 |

      @paypal
      Examples:
        | provider | price     | total     |
        | PayPal   | USD 21.00 | USD 42.00 |

    @high @CWE-837
    Scenario Outline: A slow network and impatient clicks are still one order with <provider>
      Given a product at <price> with 10 in stock
      And the shopper's cart holds 2 of it
      And the shopper's network is slow
      And the shopper uses double clicks
      When the shopper places the order
      And the shopper pays with <provider>
      Then <provider> has taken <total> in all

      @alipay
      Examples:
        | provider | price     | total     |
        | Alipay   | CNY 22.00 | CNY 44.00 |

      @paypal
      Examples:
        | provider | price     | total     |
        | PayPal   | EUR 22.00 | EUR 44.00 |

  Rule: Back and reload change nothing

    @critical @CWE-837
    Scenario Outline: A shopper goes back from <provider> and then pays after all
      Given the shopper has placed an order of <total>
      When the shopper chooses <provider>
      And the shopper presses the browser's Back button
      And the shopper pays with <provider>
      Then the order is paid
      And <provider> has taken <total> in all

      @alipay
      Examples:
        | provider | total     |
        | Alipay   | CNY 23.00 |

      @wechatpay
      Examples:
        | provider   | total     |
        | WeChat Pay | CNY 23.00 |

      @paypal
      Examples:
        | provider | total     |
        | PayPal   | USD 23.00 |

    @critical @CWE-837
    Scenario Outline: Going back after paying with <provider> pays nothing again
      Given the shopper has placed an order of <total>
      When the shopper pays with <provider>
      And the shopper presses the browser's Back button
      And the shopper reloads the page
      Then the order is paid
      And <provider> has taken <total> in all

      @alipay
      Examples:
        | provider | total     |
        | Alipay   | CNY 24.00 |

      @wechatpay
      Examples:
        | provider   | total     |
        | WeChat Pay | CNY 24.00 |

      @paypal
      Examples:
        | provider | total     |
        | PayPal   | EUR 24.00 |

    @critical @CWE-837
    Scenario: Reloading the placed order places no second one
      Given a product at CNY 25.00 with 10 in stock
      And the shopper's cart holds 1 of it
      When the shopper places the order
      And the shopper reloads the page
      Then the shopper has one order
      And 9 pieces of the product are left

    @high @wechatpay
    Scenario: A reloaded QR code is still the code of this payment
      Given the shopper has placed an order of CNY 26.00
      When the shopper chooses WeChat Pay
      And the shopper reloads the page
      Then the QR code on the screen is the provider's code for CNY 26.00

  Rule: Two tabs are one shopper

    @critical @CWE-837
    Scenario Outline: What was paid with <provider> is not paid again in a second tab
      Given the shopper has placed an order of <total>
      And the order is open in a second tab
      When the shopper pays with <provider>
      And the shopper pays with <provider> in the second tab
      Then the payment is refused because the order's state does not allow it
      And <provider> has taken <total> in all

      @alipay
      Examples:
        | provider | total     |
        | Alipay   | CNY 27.00 |

      @wechatpay
      Examples:
        | provider   | total     |
        | WeChat Pay | CNY 27.00 |

      @paypal
      Examples:
        | provider | total     |
        | PayPal   | USD 27.00 |

  Rule: Who walks away finds everything as it was

    @high
    Scenario Outline: A shopper closes the page of <provider> and pays later
      Given the shopper has placed an order of <total>
      When the shopper chooses <provider>
      And the shopper closes the page
      And the shopper pays with <provider>
      Then the order is paid
      And <provider> has taken <total> in all

      @alipay
      Examples:
        | provider | total     |
        | Alipay   | CNY 28.00 |

      @wechatpay
      Examples:
        | provider   | total     |
        | WeChat Pay | CNY 28.00 |

      @paypal
      Examples:
        | provider | total     |
        | PayPal   | EUR 28.00 |

    @high @wechatpay
    Scenario: The page with the QR code goes on by itself once it is paid
      Given the shopper has placed an order of CNY 29.00
      When the shopper chooses WeChat Pay
      And the shopper approves the payment and never returns
      Then the QR code leaves the screen by itself
      And the order is paid
