@checkout @guests
Feature: Buying without an account
  Nobody has to register to buy. A guest's order belongs to whoever placed it, and to nobody who merely
  knows its number or types the same e-mail.

  @critical @smoke
  Scenario Outline: A shopper without an account buys with <provider>
    Given a shopper without an account
    And a product at <price> with 10 in stock
    And the shopper's cart holds 2 of it
    When the shopper places the order
    And the shopper pays with <provider>
    Then the order is paid
    And <provider> has taken <total> in all

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

  Rule: A guest's order is found with its code and e-mail, and with nothing less

    Background:
      Given a shopper without an account
      And the shopper has placed an order of CNY 88.80

    @high
    Scenario: The order is found again on another device
      When a stranger looks for the order with its code and e-mail
      Then the stranger sees the order

    @critical @CWE-639 @WSTG-ATHZ-04
    Scenario Outline: Nobody finds it with <key>
      When a stranger looks for the order with <key>
      Then the search is refused because it is not found

      Examples:
        | key                         |
        | its code and another e-mail |
        | another code and its e-mail |

    @critical @CWE-639 @WSTG-ATHZ-04
    Scenario: An account made by somebody else with the same e-mail does not open it
      When a visitor makes an account with the order's e-mail
      Then the visitor does not see the order

    @high
    Scenario: The guest who makes an account afterwards keeps the order
      When the shopper makes an account with the order's e-mail
      Then the order is among the shopper's orders

  Rule: A guest who signs in or registers keeps the cart

    @high
    Scenario: A guest makes an account during checkout
      Given a shopper without an account
      And a product at CNY 29.60 with 10 in stock
      And the shopper's cart holds 2 of it
      When the shopper makes an account
      Then the cart's total is CNY 59.20

    @high
    Scenario: A guest signs in during checkout
      Given a product at CNY 29.60 with 10 in stock
      And a guest whose cart holds 2 of it
      When the guest signs in as the shopper
      Then the cart's total is CNY 59.20

    @high
    Scenario: The carts are put together, and nothing is in there twice
      Given a product at CNY 5.00 with 10 in stock
      And the shopper's cart holds 1 of it
      And a product at CNY 29.60 with 10 in stock
      And the shopper's cart holds 1 of it
      And a guest whose cart holds 2 of it
      When the guest signs in as the shopper
      Then the cart's total is CNY 64.20

    @high @CWE-770
    Scenario: Carts that are put together hold no more than one cart does
      Given the shopper's cart is full
      And a product at CNY 29.60 with 10 in stock
      And a guest whose cart holds 1 of it
      When the guest signs in as the shopper
      Then the cart is as full as before, and the product is in it

    @critical @CWE-639
    Scenario: A cart does not go to another shopper who signs in at the same device
      Given a product at CNY 29.60 with 10 in stock
      And the shopper's cart holds 2 of it
      When another shopper signs in where the shopper is signed in
      Then another shopper's cart is empty
      And the cart's total is CNY 59.20

  @high @coupons @coupon_terms @WSTG-BUSL-10
  Scenario: A coupon for each shopper once knows a guest by the e-mail
    Given a shopper without an account
    And a product at CNY 88.80 with 10 in stock
    And a coupon of CNY 10.00 for each shopper once
    And another shopper without an account has used the coupon with the same e-mail
    And the shopper's cart holds 1 of it with the coupon
    When the shopper places the order
    Then the order is refused because the shopper has used the coupon already
