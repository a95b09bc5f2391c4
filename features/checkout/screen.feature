@checkout @screens @web
Feature: What a buyer sees
  Everybody can read the pages on the way to the payment and use them: in English and in Chinese, on a computer
  and on a phone, with a mouse and without one.

  Rule: An amount is written as the reader writes it

    @high
    Scenario Outline: <price> reads <text> in <language>
      Given a product at <price> with 10 in stock
      And the shopper has ordered 1 of it
      When the shopper opens the order in <language>
      Then the page shows the amount <text>

      Examples:
        | price       | language | text         |
        | CNY 1234.50 | English  | CN¥1,234.50  |
        | CNY 1234.50 | Chinese  | ¥1,234.50    |
        | JPY 1800    | English  | ¥1,800       |
        | JPY 1800    | Chinese  | JP¥1,800     |
        | USD 0.99    | English  | $0.99        |
        | USD 0.99    | Chinese  | US$0.99      |
        | KWD 1.250   | English  | KWD 1.250    |
        | HUF 1990.00 | English  | HUF 1,990.00 |

    @medium
    Scenario Outline: <screen> names the price as the others do
      Given a product at CNY 1234.50 with 10 in stock
      And the shopper's cart holds 1 of it
      When the shopper opens <screen>
      Then the page shows the amount CN¥1,234.50

      Examples:
        | screen       |
        | the product  |
        | the cart     |
        | the checkout |

  Rule: The buyer pays the shop that the buyer was in

    @high
    Scenario Outline: The page of <provider> names the shop
      Given the shopper has placed an order of <total>
      When the shopper chooses <provider>
      Then the provider's page names the shop

      @alipay
      Examples:
        | provider | total     |
        | Alipay   | CNY 16.00 |

      @wechatpay
      Examples:
        | provider   | total     |
        | WeChat Pay | CNY 16.00 |

      @paypal
      Examples:
        | provider | total     |
        | PayPal   | EUR 16.00 |

  Rule: Nobody is kept out

    @high @WCAG-1.3.1 @WCAG-2.1.1
    Scenario Outline: Everybody can use <screen>
      Given a product at CNY 88.80 with 10 in stock
      And the shopper has ordered 1 of it
      And the shopper's cart holds 2 of it
      When the shopper opens <screen>
      Then the page breaks no rule of accessibility
      And the Tab key reaches every control of the page

      Examples:
        | screen             |
        | the catalogue      |
        | the product        |
        | the cart           |
        | the checkout       |
        | the order          |
        | the list of orders |
        | the account        |
        | the sign-in        |
        | the registration   |

    @high @wechatpay @WCAG-1.3.1 @WCAG-2.1.1
    Scenario: Everybody can use the page with the QR code
      Given the shopper has placed an order of CNY 88.80
      When the shopper chooses WeChat Pay
      Then the page breaks no rule of accessibility
      And the Tab key reaches every control of the page

    @medium @reconciliation @alipay @WCAG-1.3.1 @WCAG-2.1.1
    Scenario: Everybody can use the page of the books and the bill
      Given the bills of today can be had already
      And the shopper has paid an order of CNY 88.80 with Alipay, unnoticed
      And the auditor has found CNY 88.80 that only the bill has
      And the approver is before the screen
      When the approver brings it into the books
      Then the page breaks no rule of accessibility
      And the Tab key reaches every control of the page

    @high @WCAG-2.1.1
    Scenario Outline: A shopper buys with <provider> and the keyboard alone
      Given a product at <price> with 10 in stock
      And the shopper uses the keyboard alone
      When the shopper puts 2 of it in the cart
      And the shopper places the order
      And the shopper pays with <provider>
      Then the order is paid
      And <provider> has taken <total> in all

      @alipay
      Examples:
        | provider | price     | total     |
        | Alipay   | CNY 17.00 | CNY 34.00 |

      @paypal
      Examples:
        | provider | price     | total     |
        | PayPal   | EUR 17.00 | EUR 34.00 |

  Rule: A phone is enough

    @high @WCAG-1.4.10
    Scenario Outline: On a phone <screen> fits the screen
      Given a product at CNY 100000.00 with 10 in stock
      And the shopper has ordered 1 of it
      And the shopper's cart holds 2 of it
      And the shopper uses a phone
      When the shopper opens <screen>
      Then the whole page fits the width of the screen

      Examples:
        | screen             |
        | the catalogue      |
        | the product        |
        | the cart           |
        | the checkout       |
        | the order          |
        | the list of orders |
        | the account        |
        | the sign-in        |
        | the registration   |

    @high @wechatpay @WCAG-1.4.10
    Scenario: On a phone the page with the QR code fits the screen
      Given the shopper has placed an order of CNY 88.80
      And the shopper uses a phone
      When the shopper chooses WeChat Pay
      Then the whole page fits the width of the screen

    @high
    Scenario Outline: A shopper buys with <provider> on a phone
      Given a product at <price> with 10 in stock
      And the shopper uses a phone
      When the shopper puts 2 of it in the cart
      And the shopper places the order
      And the shopper pays with <provider>
      Then the order is paid
      And <provider> has taken <total> in all

      @alipay
      Examples:
        | provider | price     | total     |
        | Alipay   | CNY 18.00 | CNY 36.00 |

      @wechatpay
      Examples:
        | provider   | price     | total     |
        | WeChat Pay | CNY 18.00 | CNY 36.00 |

      @paypal
      Examples:
        | provider | price     | total     |
        | PayPal   | USD 18.00 | USD 36.00 |

  Rule: Who reads Chinese needs no English

    @medium @WCAG-3.1.1
    Scenario Outline: <screen> is all in Chinese
      Given a product at CNY 88.80 with 10 in stock
      And the shopper has ordered 1 of it
      And the shopper's cart holds 2 of it
      When the shopper opens <screen> in Chinese
      Then the whole page is in Chinese

      Examples:
        | screen             |
        | the product        |
        | the cart           |
        | the checkout       |
        | the order          |
        | the list of orders |
        | the account        |
        | the sign-in        |
        | the registration   |
